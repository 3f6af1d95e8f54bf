(** PLAIN chains of any depth and widths, every layer with a bias (blueprint-2, section 3b): h_0 = x, h_h = [M_h
    h_(h-1) + b_h]_+ for h = 1 .. K, output U h_K + c. What is not live, that is read by nothing that leads to the
    output, may be anything.

    Definitions: [chain_weight], one weight, [chain_param], all of them; [width], of layer h, of the input for h = 0;
    [unit_at], unit j of layer h at an input; [chain_net], the outputs; [live], a set of units in every layer;
    [same_live], the rows of live units and the readout are the same; [closed], live units read live units only, and
    so does the readout; [renamed], the units of every layer renamed.
    Statements: none. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums relu paths.
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

Definition live := nat -> nat -> bool.

Definition same_live (S0 : live) (P T : chain_param) : Prop :=
  (forall h j, (1 <= h <= K)%nat -> (j < width h)%nat -> S0 h j = true ->
    (forall i, (i < width (h - 1))%nat -> P (Row h j i) = T (Row h j i)) /\ P (RowBias h j) = T (RowBias h j)) /\
  (forall j c, (j < width K)%nat -> P (Read j c) = T (Read j c)) /\ (forall c, P (OutBias c) = T (OutBias c)).

Definition closed (S0 : live) (T : chain_param) : Prop :=
  (forall h j i, (1 < h <= K)%nat -> (j < width h)%nat -> (i < width (h - 1))%nat -> S0 h j = true ->
    S0 (h - 1)%nat i = false -> T (Row h j i) = 0) /\
  (forall j c, (j < width K)%nat -> S0 K j = false -> T (Read j c) = 0).

(** the output looks at the live units alone *)
Lemma live_output S0 P T : (1 <= K)%nat -> same_live S0 P T -> closed S0 T -> chain_net P = chain_net T.
Proof.
  intros HK (Hrows & Hread & Hbias) (Hclosed & Hoff).
  assert (H : forall h x j, (1 <= h <= K)%nat -> (j < width h)%nat -> S0 h j = true ->
    unit_at P h x j = unit_at T h x j).
  { intros h x. induction h as [|h IH]; intros j Hh Hj Hl; [lia|]. cbn [unit_at].
    destruct (Hrows (S h) j Hh Hj Hl) as [Hrow Hb]. replace (S h - 1)%nat with h in Hrow by lia.
    f_equal. f_equal; [|exact Hb]. apply lsum_ext; intros i Hi. apply in_rng in Hi. rewrite (Hrow i Hi).
    destruct h as [|h]; [easy|]. destruct (S0 (S h) i) eqn:E.
    - rewrite IH; try easy; lia.
    - rewrite (Hclosed (S (S h)) j i); [ring | lia | easy | | easy | ]; now replace (S (S h) - 1)%nat with (S h) by lia. }
  apply matrix_ext; intros k c. unfold chain_net. rewrite Hbias. f_equal. apply lsum_ext; intros j Hj.
  apply in_rng in Hj. rewrite (Hread j c Hj). destruct (S0 K j) eqn:E.
  - rewrite H; try easy; lia.
  - rewrite (Hoff j c Hj E). ring.
Qed.

(** so a segment that moves no live row and no readout changes no output *)
Lemma same_live_line S0 P Q T t : same_live S0 P T -> same_live S0 Q T -> same_live S0 (lin t P Q) T.
Proof.
  intros (HP & HPr & HPb) (HQ & HQr & HQb). split; [|split].
  - intros h j Hh Hj Hl. destruct (HP h j Hh Hj Hl) as [P1 P2]. destruct (HQ h j Hh Hj Hl) as [Q1 Q2].
    split; [intros i Hi; unfold lin; rewrite (P1 i Hi), (Q1 i Hi); ring | unfold lin; rewrite P2, Q2; ring].
  - intros j c Hj. unfold lin. rewrite HPr, HQr by easy. ring.
  - intros c. unfold lin. rewrite HPb, HQb. ring.
Qed.

(** the units of layer h renamed by s h, an involution; the input is not renamed *)
Definition renamed (s : nat -> nat -> nat) (P : chain_param) : chain_param := fun x =>
  match x with
  | Row h j i => P (Row h (s h j) (s (h - 1)%nat i))
  | RowBias h j => P (RowBias h (s h j))
  | Read j c => P (Read (s K j) c)
  | OutBias c => P (OutBias c)
  end.

Lemma renamed_output s P : (forall j, s O j = j) -> (forall h j, s h (s h j) = j) ->
  (forall h j, (j < width h)%nat -> (s h j < width h)%nat) -> chain_net (renamed s P) = chain_net P.
Proof.
  intros H0 Hs Hw.
  assert (H : forall h x j, unit_at (renamed s P) h x j = unit_at P h x (s h j)).
  { intros h x. induction h as [|h IH]; intros j; [simpl; now rewrite H0|]. cbn [unit_at renamed].
    f_equal. f_equal. rewrite <- (lsum_involution (width h) (s h)
      (fun i => P (Row (S h) (s (S h) j) i) * unit_at P h x i)) by auto.
    apply lsum_ext; intros i _. rewrite IH. now replace (S h - 1)%nat with h by lia. }
  apply matrix_ext; intros k c. unfold chain_net. cbn [renamed]. f_equal.
  rewrite <- (lsum_involution (width K) (s K) (fun j => P (Read j c) * unit_at P K (input X k) j)) by auto.
  apply lsum_ext; intros j _. now rewrite H.
Qed.
End PlainChains.
