(** C2F with the blueprint's own S: operator norms in Lambda are the smallest numbers that [opnorm_le] allows, they
    exist, and they are [gauges]. So C2F holds with them, not only with Frobenius norms.

    Definitions: [image], the vector M v; [stretches], the lengths of M v for v of length at most 1;
    [operator_norm], their supremum.
    Statements: C2F. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean paths.
From Skipscape.networks Require Import networks deep.
From Skipscape.lemmas Require Import regulariser.
From Skipscape.theorems Require Import regularised.
Import ListNotations.
Open Scope R_scope.

Definition image (r : nat) (M : matrix) (v : vector) : vector := fun i => \sum_(s < r) (M i s * v s).

(** the lengths of the images of vectors of length at most 1 *)
Definition stretches (n r : nat) (M : matrix) (c : R) : Prop :=
  exists v, enorm r v <= 1 /\ c = enorm n (image r M v).

Lemma stretches_bounded n r M : bound (stretches n r M).
Proof.
  exists (frobenius n r M). intros c (v & Hv & ->). destruct (frobenius_opnorm n r M) as [H0 H].
  eapply Rle_trans; [apply H|]. rewrite <- (Rmult_1_r (frobenius n r M)) at 2. now apply Rmult_le_compat_l.
Qed.

Lemma stretches_some n r M : exists c, stretches n r M c.
Proof. exists (enorm n (image r M (fun _ => 0))), (fun _ => 0). split; [rewrite enorm_zero by easy; lra | easy]. Qed.

(** sup of ||M v|| over ||v|| <= 1 *)
Definition operator_norm (n r : nat) (M : matrix) : R :=
  proj1_sig (completeness (stretches n r M) (stretches_bounded n r M) (stretches_some n r M)).

Lemma operator_norm_lub n r M : is_lub (stretches n r M) (operator_norm n r M).
Proof. unfold operator_norm. apply proj2_sig. Qed.

Lemma zero_norm r v : enorm r v = 0 -> forall s, (s < r)%nat -> v s = 0.
Proof.
  intros H s Hs. pose proof (enorm_entry r v s Hs) as E. rewrite H in E. pose proof (Rabs_pos (v s)).
  destruct (Req_dec (v s) 0) as [|Hne]; [easy|]. pose proof (Rabs_pos_lt _ Hne). lra.
Qed.

Theorem operator_norm_dominates n r M : opnorm_le n r M (operator_norm n r M).
Proof.
  destruct (operator_norm_lub n r M) as [Hup _]. split.
  - eapply Rle_trans; [apply (enorm_nonneg n (image r M (fun _ => 0)))|]. apply Hup.
    exists (fun _ => 0). split; [rewrite enorm_zero by easy; lra | easy].
  - intros v. fold (image r M v). destruct (Req_dec (enorm r v) 0) as [E|E].
    + rewrite E, Rmult_0_r, enorm_zero; [lra|]. intros i _. apply lsum_zero. intros s Hs. apply in_rng in Hs.
      rewrite (zero_norm r v E s Hs). ring.
    + assert (Hpos : 0 < enorm r v) by (pose proof (enorm_nonneg r v); lra).
      assert (Hinv : 0 <= / enorm r v) by (left; now apply Rinv_0_lt_compat).
      assert (H1 : enorm n (image r M (fun s => / enorm r v * v s)) <= operator_norm n r M).
      { apply Hup. exists (fun s => / enorm r v * v s). split; [|easy].
        rewrite enorm_scal_pos, Rinv_l by easy. lra. }
      rewrite (enorm_ext n _ (fun i => / enorm r v * image r M v i)), enorm_scal_pos in H1;
        [|easy | intros i _; unfold image; rewrite <- lsum_scal; apply lsum_ext; intros; ring].
      apply (Rmult_le_compat_r (enorm r v)) in H1; [|lra].
      replace (/ enorm r v * enorm n (image r M v) * enorm r v) with (enorm n (image r M v)) in H1 by (field; easy).
      exact H1.
Qed.

Theorem operator_norm_least n r M c : opnorm_le n r M c -> operator_norm n r M <= c.
Proof.
  intros [Hc H]. apply (proj2 (operator_norm_lub n r M)). intros x (v & Hv & ->).
  eapply Rle_trans; [apply H|]. rewrite <- (Rmult_1_r c) at 2. now apply Rmult_le_compat_l.
Qed.

(** [gauges]: the operator norm of U and any bound of Lip(q) *)
Theorem operator_norm_gauges X B lip : (forall q, lipschitz B q (lip q)) ->
  gauges X B (operator_norm (outputs X) (branch_out B)) lip.
Proof.
  intros Hlip. set (n := outputs X). set (r := branch_out B).
  split; [intros; apply operator_norm_dominates|]. split; [|split; [|easy]].
  - intros M M' t Ht. apply operator_norm_least.
    destruct (operator_norm_dominates n r M) as [H0 H]. destruct (operator_norm_dominates n r M') as [H0' H'].
    split; [nra|]. intros v.
    rewrite (enorm_ext n _ (fun i => (1 - t) * image r M v i + t * image r M' v i)).
    + eapply Rle_trans; [now apply enorm_convex|]. specialize (H v). specialize (H' v).
      fold (image r M v) in H. fold (image r M' v) in H'. nra.
    + intros i _. unfold image. rewrite <- lsum_lin. apply lsum_ext; intros; ring.
  - apply Rle_antisym.
    + apply operator_norm_least. split; [lra|]. intros v. rewrite enorm_zero; [lra|].
      intros i _. apply lsum_zero; intros; ring.
    + apply (operator_norm_dominates n r).
Qed.

(** "C2F" with the operator norm of U and, inside q, the product of the Frobenius norms, for deep ReLU branches *)
Corollary C2F_operator_norm X m n widths kappa l w v sigma P P' level :
  let B := deep_relu n widths in
  let F := objective X m B (operator_norm (outputs X) (branch_out B)) (forward_lip n widths) kappa in
  0 < kappa -> (l < m)%nat -> moment X sigma -> F P <= level -> F P' <= level ->
  two_layer_objective X kappa l w v <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    sqrt (F (gam t)) <= sqrt level + sigma * (level / kappa) * (INR l / INR m).
Proof.
  intros B F Hk Hlm Hs HP HP' Hstar.
  apply (C2F_rate X m B (operator_norm (outputs X) (branch_out B)) (forward_lip n widths)) with (l := l) (w := w) (v := v);
    try assumption; [|lra].
  apply operator_norm_gauges. apply deep_relu_lipschitz.
Qed.
