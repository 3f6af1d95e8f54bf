(** R0 [ours], the yardstick (blueprint, section 2): readout to 0, load g*, rise. Here without output bias. Any
    branch, any loss with its maximum at the ends of readout lines; no slot need be free.

    Definitions: [zero_loss], L_0, the loss of the zero output.
    Statements: R0. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import readout losses.
From Skipscape.routes Require Import route refit.
Import ListNotations.
Open Scope R_scope.

Section Zero.
Variables (X : data) (m : nat) (B : branch).
Variable Phi : (nat -> vector) -> R.
Hypothesis HPhi : max_at_ends Phi.

Notation loss := (loss_of X m B Phi).

(** "L_0 = loss of the zero output" *)
Definition zero_loss : R := Phi zero_matrix.

Lemma refit_zero P : loss (refit P zero_matrix) = zero_loss.
Proof.
  unfold loss_of, zero_loss. rewrite parallel_off by easy. f_equal. apply matrix_ext; intros k c.
  apply lsum_zero; intros j _. unfold refit. rewrite V_readout. unfold zero_matrix. ring.
Qed.

Lemma first_slots l : (l <= m)%nat -> slots m l (seq 0 l).
Proof.
  intros Hl. split; [apply seq_NoDup|]. split; [apply seq_length|].
  intros j Hj. apply in_rng in Hj. lia.
Qed.

(** no slot need be free: l = m is allowed *)
Theorem R0_zero_path l w v P : (l <= m)%nat ->
  exists E, parallel X m B E = two_layer X l w v /\
    joined (sublevel loss (Rmax (Rmax (loss P) zero_loss) (Phi (two_layer X l w v)))) P E.
Proof.
  intros Hl.
  destruct (R6_refit X m B Phi HPhi l w v P (seq 0 l) zero_matrix (first_slots l Hl)) as (E & _ & HE & Hjoin);
    [easy|].
  rewrite refit_zero in Hjoin. now exists E.
Qed.

(** "depth <= max(0, L_0 - L), if L(g-star) < L" *)
Theorem R0_depth l w v P : (l <= m)%nat -> Phi (two_layer X l w v) < loss P ->
  depth_at_most loss P (Rmax 0 (zero_loss - loss P)).
Proof.
  intros Hl Hbetter. rewrite <- (refit_zero P).
  now apply (R6_depth X m B Phi HPhi l w v P (seq 0 l) zero_matrix (first_slots l Hl)).
Qed.
End Zero.
