(** E1 [ours]: a sample whose label's output is strictly largest at both ends of a line of outputs is right all along
    it, so the share of wrong samples is at most the share of those that are wrong at one of the ends (by weight). On
    a piece whose margins lie above affine functions, the signs of these at the two ends are enough.

    Definitions: [right], the label's output is strictly largest; [error_rate], weight of the wrong samples;
    [wrong_at_an_end], weight of the samples that are wrong for f or for g.
    Statements: E1. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import readout.
Import ListNotations.
Open Scope R_scope.

Section Margins.
Variable X : data.
Notation p := (outputs X).

(** "the label's output is strictly largest" *)
Definition right (label : nat) (u : vector) : bool :=
  forallb (fun j => if Nat.eqb j label then true else if Rlt_dec (u j) (u label) then true else false)
          (seq 0 (outputs X)).

Lemma right_iff label u : right label u = true <-> forall j, (j < p)%nat -> j <> label -> 0 < u label - u j.
Proof.
  unfold right. rewrite forallb_forall. split.
  - intros H j Hj Hne. specialize (H j ltac:(now apply in_rng)). destruct (Nat.eqb_spec j label); [easy|].
    destruct (Rlt_dec (u j) (u label)); [lra | easy].
  - intros H j Hj. apply in_rng in Hj. destruct (Nat.eqb_spec j label); [easy|]. specialize (H j Hj ltac:(easy)).
    destruct (Rlt_dec (u j) (u label)); [easy | lra].
Qed.

Definition error_rate (label : nat -> nat) (f : nat -> vector) : R :=
  \sum_(k < points X) (weight X k * (if right (label k) (f k) then 0 else 1)).
Definition wrong_at_an_end (label : nat -> nat) (f g : nat -> vector) : R :=
  \sum_(k < points X) (weight X k * (if andb (right (label k) (f k)) (right (label k) (g k)) then 0 else 1)).

(** margins are affine: right at both ends, right between *)
Theorem E1_between label u v t : 0 <= t <= 1 -> right label u = true -> right label v = true ->
  right label (fun c => (1 - t) * u c + t * v c) = true.
Proof.
  intros Ht Hu Hv. rewrite right_iff in *. intros j Hj Hne. specialize (Hu j Hj Hne). specialize (Hv j Hj Hne).
  destruct (Rle_lt_dec t (1 / 2)) as [h|h].
  - assert (0 < (1 - t) * (u label - u j)) by (apply Rmult_lt_0_compat; lra).
    assert (0 <= t * (v label - v j)) by (apply Rmult_le_pos; lra). lra.
  - assert (0 <= (1 - t) * (u label - u j)) by (apply Rmult_le_pos; lra).
    assert (0 < t * (v label - v j)) by (apply Rmult_lt_0_compat; lra). lra.
Qed.

Theorem E1_error_rate label f g t : 0 <= t <= 1 ->
  error_rate label (fun k c => (1 - t) * f k c + t * g k c) <= wrong_at_an_end label f g.
Proof.
  intros Ht. apply lsum_le; intros k _. apply Rmult_le_compat_l; [apply weight_nonneg|].
  destruct (andb (right (label k) (f k)) (right (label k) (g k))) eqn:E.
  - apply andb_prop in E. destruct E as [Ef Eg]. rewrite (E1_between (label k) (f k) (g k) t Ht Ef Eg). lra.
  - destruct (right (label k) (fun c => (1 - t) * f k c + t * g k c)); lra.
Qed.

(** the bound is between the larger of the two ends' shares and their sum *)
Theorem E1_shares label f g :
  Rmax (error_rate label f) (error_rate label g) <= wrong_at_an_end label f g
  /\ wrong_at_an_end label f g <= error_rate label f + error_rate label g.
Proof.
  assert (H : forall h, (forall k, andb (right (label k) (f k)) (right (label k) (g k)) = true ->
      right (label k) (h k) = true) -> error_rate label h <= wrong_at_an_end label f g).
  { intros h Hh. apply lsum_le; intros k _. apply Rmult_le_compat_l; [apply weight_nonneg|].
    destruct (andb (right (label k) (f k)) (right (label k) (g k))) eqn:E; [rewrite (Hh k E); lra|].
    destruct (right (label k) (h k)); lra. }
  split.
  - apply Rmax_lub; apply H; intros k E; now apply andb_prop in E.
  - unfold wrong_at_an_end, error_rate. rewrite <- lsum_plus. apply lsum_le; intros k _.
    pose proof (weight_nonneg X k). destruct (right (label k) (f k)); destruct (right (label k) (g k)); cbn [andb]; lra.
Qed.

(** a readout line *)
Theorem E1_readout m B label P v u t : 0 <= t <= 1 ->
  error_rate label (parallel X m B (lin t P (readout P v u)))
  <= wrong_at_an_end label (parallel X m B P) (parallel X m B (readout P v u)).
Proof.
  intros Ht. replace (parallel X m B (lin t P (readout P v u))) with
    (fun k c => (1 - t) * parallel X m B P k c + t * parallel X m B (readout P v u) k c)
    by (apply functional_extensionality; intros k; apply functional_extensionality; intros c; symmetry;
        apply L7_affine).
  now apply E1_error_rate.
Qed.

(** a piece: its margins lie above a_j + b_j s for |s| <= r, and these are positive at s = r and s = - r *)
Theorem E1_piece label a b r (u : R -> vector) s : - r <= s <= r ->
  (forall j, (j < p)%nat -> j <> label -> a j + b j * s <= u s label - u s j) ->
  (forall j, (j < p)%nat -> j <> label -> 0 < a j - b j * r /\ 0 < a j + b j * r) ->
  right label (u s) = true.
Proof.
  intros Hs Hmodel Hends. rewrite right_iff. intros j Hj Hne. specialize (Hmodel j Hj Hne).
  destruct (Hends j Hj Hne) as [H1 H2]. apply Rlt_le_trans with (a j + b j * s); [|exact Hmodel].
  destruct (Rle_lt_dec 0 (b j)); nra.
Qed.
End Margins.
