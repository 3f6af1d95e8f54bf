(** R6 [fb's delta(m - l, 0; m)] (blueprint, section 2): readout line to a two-layer fit that leaves l slots free,
    load g*, rise. Any branch, any loss with its maximum at the ends of readout lines.

    Definitions: [zero_matrix], all entries 0; [refit], the two-layer part with readout v: U = 0, the branch
    switched off.
    Statements: R6. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums relu paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import readout losses slots.
From Skipscape.routes Require Import route.
Import ListNotations.
Open Scope R_scope.

Definition zero_matrix : matrix := fun _ _ => 0.

(** the two-layer part with readout v: the branch switched off *)
Definition refit (P : param) (v : matrix) : param := readout P v zero_matrix.

Section Refit.
Variables (X : data) (m : nat) (B : branch).
Variable Phi : (nat -> vector) -> R.
Hypothesis HPhi : max_at_ends Phi.

Notation loss := (loss_of X m B Phi).

Lemma readout_line c P v u : loss P <= c -> loss (readout P v u) <= c ->
  joined (sublevel loss c) P (readout P v u).
Proof.
  intros HP HQ. apply joined_line. intros t Ht. unfold sublevel, loss_of.
  replace (parallel X m B (lin t _ _)) with
    (fun k c => (1 - t) * parallel X m B P k c + t * parallel X m B (readout P v u) k c)
    by (apply matrix_ext; intros; symmetry; apply L7_affine).
  eapply Rle_trans; [now apply HPhi | now apply Rmax_lub].
Qed.

Lemma silent_line c P P' : V P' = V P -> (forall i s, U P i s = 0) -> (forall i s, U P' i s = 0) ->
  (forall j, (j < m)%nat -> (forall i, V P j i = 0) \/ (forall i, W P' j i = W P j i)) ->
  loss P <= c -> joined (sublevel loss c) P P'.
Proof.
  intros EV HU HU' Hrows HP. apply joined_line. intros t _. unfold sublevel, loss_of.
  now rewrite L9_silent_off.
Qed.

(** "max(L(theta), delta(m - l))", and L(g-star), on a path to g-star *)
Theorem R6_refit l w v P J v' : slots m l J -> (forall j, In j J -> forall c, v' j c = 0) ->
  exists E, placed m l w v (fun k => nth k J O) E /\ parallel X m B E = two_layer X l w v /\
    joined (sublevel loss (Rmax (Rmax (loss P) (loss (refit P v'))) (Phi (two_layer X l w v)))) P E.
Proof.
  intros HJ H0. set (c := Rmax _ _).
  assert (HP : loss P <= c) by (eapply Rle_trans; [|apply Rmax_l]; apply Rmax_l).
  assert (HR : loss (refit P v') <= c) by (eapply Rle_trans; [|apply Rmax_l]; apply Rmax_r).
  set (P1 := refit P v'). set (P2 := loaded w J P1). set (E := landing w v J P1).
  assert (HE : parallel X m B E = two_layer X l w v) by now apply landing_function.
  assert (H12 : joined (sublevel loss c) P1 P2).
  { apply silent_line; [easy | easy | easy | | easy]. intros j _.
    destruct (in_dec Nat.eq_dec j J) as [Hj|Hj]; [left; now apply H0 | right]. intros i.
    unfold P2, loaded, load; entries. apply mem_false in Hj. now rewrite Hj. }
  exists E. split; [now apply landing_placed|]. split; [easy|].
  apply (joined_trans _ _ P1); [now apply readout_line|].
  apply (joined_trans _ _ P2); [easy|].
  apply readout_line.
  - exact (joined_end _ _ _ H12).
  - change (loss E <= c). unfold loss_of. rewrite HE. apply Rmax_r.
Qed.

(** as a depth: 0 once delta <= L(theta) *)
Corollary R6_depth l w v P J v' : slots m l J -> (forall j, In j J -> forall c, v' j c = 0) ->
  Phi (two_layer X l w v) < loss P ->
  depth_at_most loss P (Rmax 0 (loss (refit P v') - loss P)).
Proof.
  intros HJ H0 Hbetter. destruct (R6_refit l w v P J v' HJ H0) as (E & _ & HE & Hjoin).
  apply (joined_depth loss P E).
  - eapply joined_mono; [|exact Hjoin]. intros T HT. unfold sublevel in *.
    eapply Rle_trans; [exact HT|]. relu_cases; lra.
  - unfold loss_of in *. now rewrite HE.
Qed.
End Refit.
