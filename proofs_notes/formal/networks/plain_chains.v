(** PLAIN chains of any depth and widths, every layer with a bias (blueprint-2, section 3b): h_0 = x, h_h = [M_h
    h_(h-1) + b_h]_+ for h = 1 .. K, output U h_K + c.

    Definitions: [chain_weight], one weight, [chain_param], all of them; [width], of layer h, of the input for h = 0;
    [unit_at], unit j of layer h at an input; [chain_net], the outputs; [live], a set of units in every layer.
    Statements: none. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums relu.
From Skipscape.networks Require Import networks.
Import ListNotations.
Open Scope R_scope.

Inductive chain_weight :=
| Row (h j i : nat)
| RowBias (h j : nat)
| Read (j c : nat)
| OutBias (c : nat).
Definition chain_param := chain_weight -> R.

(** a sum over 0 .. m-1 in another order *)
Lemma lsum_involution m (s : nat -> nat) (f : nat -> R) : (forall j, s (s j) = j) ->
  (forall j, (j < m)%nat -> (s j < m)%nat) -> \sum_(i < m) (f (s i)) = \sum_(i < m) (f i).
Proof.
  intros Hs Hm. rewrite <- (lsum_map (seq 0 m) s f). apply lsum_perm, NoDup_Permutation.
  - apply FinFun.Injective_map_NoDup; [|apply seq_NoDup]. intros i j E. rewrite <- (Hs i), <- (Hs j). now rewrite E.
  - apply seq_NoDup.
  - intros j. rewrite in_map_iff, in_rng. split.
    + intros (i & <- & Hi). apply Hm. now apply in_rng.
    + intros Hj. exists (s j). split; [apply Hs | apply in_rng; now apply Hm].
Qed.

Section PlainChains.
Variables (X : data) (K : nat) (wide : nat -> nat).

Definition width (h : nat) : nat := match h with O => seen X | S _ => wide h end.

Fixpoint unit_at (P : chain_param) (h : nat) (x : vector) (j : nat) : R :=
  match h with
  | O => x j
  | S h' => relu (\sum_(i < width h') (P (Row h j i) * unit_at P h' x i) + P (RowBias h j))
  end.

Definition chain_net (P : chain_param) (k c : nat) : R :=
  \sum_(j < width K) (P (Read j c) * unit_at P K (input X k) j) + P (OutBias c).
End PlainChains.

Definition live := nat -> nat -> bool.
