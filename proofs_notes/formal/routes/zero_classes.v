(** R0 [ours], the yardstick (blueprint, section 2), in every class with a skip and with an output bias: readout to 0
    and the bias to any constant, whatever is below moves, readout to the network that is wanted. With V = 0 no output
    is left in any of these classes.

    Definitions: [zeroable], any two networks of a class have such a way between them; [constant], the outputs c0 at
    every point.
    Statements: R0. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths.
From Skipscape.networks Require Import networks blocks.
From Skipscape.lemmas Require Import readout losses slots stream output_bias.
From Skipscape.routes Require Import route refit zero.
Import ListNotations.
Open Scope R_scope.

Definition constant (c0 : vector) : nat -> vector := fun _ => c0.

Definition zeroable {I : Type} (net : (I -> R) -> nat -> nat -> R) : Prop := forall P E, exists Z Z',
  affine_between net P Z /\ (forall t k c, net (lin t Z Z') k c = 0) /\ affine_between net Z' E.

(** TWO-LAYER, PARALLEL, RESIDUAL, STREAM *)
Theorem R0_classes X m B K Bl :
  zeroable (skip X m) /\ zeroable (parallel X m B) /\ zeroable (residual X m B) /\ zeroable (stream X m K Bl).
Proof.
  assert (E0 : forall t : R, (1 - t) * 0 + t * 0 = 0) by (intros; ring).
  assert (Eback : forall (P : param) v u, readout (readout P v u) (V P) (U P) = P) by (intros; now apply param_ext).
  split; [|split; [|split]].
  - intros P E. exists (readout P zero_matrix zero_matrix), (readout E zero_matrix zero_matrix). split; [|split].
    + apply (L7_readouts X m B 0 Bl P zero_matrix zero_matrix (fun _ => 0) zero_matrix).
    + intros t k c. apply lsum_zero; intros j _. unfold readout; entries. unfold zero_matrix. rewrite E0. ring.
    + intros t k c.
      pose proof (proj1 (proj2 (L7_readouts X m B 0 Bl (readout E zero_matrix zero_matrix) (V E) (U E) (fun _ => 0)
        zero_matrix)) t k c) as H. now rewrite Eback in H.
  - intros P E. exists (readout P zero_matrix zero_matrix), (readout E zero_matrix zero_matrix). split; [|split].
    + intros t k c. apply L7_affine.
    + intros t k c. unfold parallel. rewrite deep_off.
      * rewrite Rplus_0_r. apply lsum_zero; intros j _. unfold readout; entries. unfold zero_matrix. rewrite E0. ring.
      * intros s. unfold readout; entries. unfold zero_matrix. apply E0.
    + intros t k c. pose proof (L7_affine X m B (readout E zero_matrix zero_matrix) (V E) (U E) t k c) as H.
      now rewrite Eback in H.
  - intros P E. exists (readout P zero_matrix (U P)), (readout E zero_matrix (U E)). split; [|split].
    + intros t k c. apply L7_residual.
    + intros t k c. apply lsum_zero; intros j _. unfold readout; entries. unfold zero_matrix. rewrite E0. ring.
    + intros t k c. pose proof (L7_residual X m B (readout E zero_matrix (U E)) (V E) t k c) as H.
      change (U (readout E zero_matrix (U E))) with (U E) in H. now rewrite Eback in H.
  - intros P E. exists (stream_readout P zero_matrix), (stream_readout E zero_matrix). split; [|split].
    + intros t k c. apply L7_stream.
    + intros t k c. apply lsum_zero; intros j _. unfold stream_readout; stream_entries. unfold zero_matrix.
      rewrite E0. ring.
    + intros t k c. pose proof (L7_stream X m K Bl (stream_readout E zero_matrix) (sV E) t k c) as H.
      replace (stream_readout (stream_readout E zero_matrix) (sV E)) with E in H; [exact H|].
      apply functional_extensionality; intros []; reflexivity.
Qed.

(** g* with l <= m neurons is in every class: "U = 0, V = 0 off l slots" *)
Theorem R0_reference X m B K Bl l w v : (l <= m)%nat -> exists E, placed m l w v (fun k => nth k (seq 0 l) O) E /\
  skip X m E = two_layer X l w v /\ parallel X m B E = two_layer X l w v /\ residual X m B E = two_layer X l w v /\
  stream X m K Bl (embed E) = two_layer X l w v.
Proof.
  intros Hl. set (E := landing w v (seq 0 l) (fun _ => 0)). exists E. pose proof (first_slots m l Hl) as HJ.
  assert (Hp : parallel X m B E = two_layer X l w v) by now apply landing_function.
  assert (Hs : skip X m E = two_layer X l w v) by (rewrite <- Hp; symmetry; now apply parallel_off).
  split; [now apply landing_placed|]. split; [exact Hs|]. split; [exact Hp|]. split.
  - rewrite <- Hs. now apply residual_off.
  - rewrite <- Hs. apply embed_stream.
Qed.

Section Reach.
Context {I : Type}.
Variable net : (I -> R) -> nat -> nat -> R.
Variable Phi : (nat -> vector) -> R.
Hypothesis HPhi : max_at_ends Phi.
Hypothesis Hz : zeroable net.

Lemma affine_below {J : Type} (n : (J -> R) -> nat -> nat -> R) c P Q : affine_between n P Q -> Phi (n P) <= c ->
  Phi (n Q) <= c -> forall t, 0 <= t <= 1 -> sublevel (fun P => Phi (n P)) c (lin t P Q).
Proof.
  intros H HP HQ t Ht. unfold sublevel. replace (n (lin t P Q)) with (fun k a => (1 - t) * n P k a + t * n Q k a)
    by (apply matrix_ext; intros; now rewrite H).
  eapply Rle_trans; [now apply HPhi | now apply Rmax_lub].
Qed.

(** "a path leads to g* on which the loss is at most max(L(theta), L_0, L(g-star))"; E is any network of the class *)
Theorem R0_reach P E :
  joined (sublevel (fun P => Phi (net P)) (Rmax (Rmax (Phi (net P)) (zero_loss Phi)) (Phi (net E)))) P E.
Proof.
  set (c := Rmax (Rmax (Phi (net P)) (zero_loss Phi)) (Phi (net E))). destruct (Hz P E) as (Z & Z' & H1 & H0 & H2).
  assert (Ez : forall t, net (lin t Z Z') = zero_matrix) by (intros t; apply matrix_ext; intros; apply H0).
  assert (EZ : net Z = zero_matrix) by (rewrite <- (lin_0 Z Z'); apply Ez).
  assert (EZ' : net Z' = zero_matrix) by (rewrite <- (lin_1 Z Z'); apply Ez).
  assert (HP : Phi (net P) <= c) by (eapply Rle_trans; [apply Rmax_l | apply Rmax_l]).
  assert (H0c : Phi zero_matrix <= c) by (eapply Rle_trans; [apply Rmax_r | apply Rmax_l]).
  assert (HE : Phi (net E) <= c) by apply Rmax_r.
  apply (joined_step _ P Z); [apply (affine_below net); [easy | easy | now rewrite EZ]|].
  apply (joined_step _ Z Z'); [intros t _; unfold sublevel; now rewrite Ez|].
  apply joined_line. apply (affine_below net); [easy | now rewrite EZ' | easy].
Qed.

(** "or, where the network has an output bias, of any constant output" *)
Theorem R0_reach_bias (T E : with_bias I) c0 :
  joined (sublevel (fun T => Phi (biased net T))
    (Rmax (Rmax (Phi (biased net T)) (Phi (constant c0))) (Phi (biased net E)))) T E.
Proof.
  set (c := Rmax (Rmax (Phi (biased net T)) (Phi (constant c0))) (Phi (biased net E))).
  destruct (Hz (inner_weights T) (inner_weights E)) as (Z & Z' & H1 & H0 & H2).
  set (at_constant := fun (Y : I -> R) (x : I + nat) => match x with inl i => Y i | inr a => c0 a end).
  assert (Ez : forall t, biased net (lin t (at_constant Z) (at_constant Z')) = constant c0).
  { intros t. apply matrix_ext; intros k a. unfold biased.
    change (inner_weights (lin t (at_constant Z) (at_constant Z'))) with (lin t Z Z'). rewrite H0.
    unfold output_bias, lin, at_constant, constant. ring. }
  assert (EZ : biased net (at_constant Z) = constant c0) by (rewrite <- (lin_0 (at_constant Z) (at_constant Z')); apply Ez).
  assert (EZ' : biased net (at_constant Z') = constant c0)
    by (rewrite <- (lin_1 (at_constant Z) (at_constant Z')); apply Ez).
  assert (HT : Phi (biased net T) <= c) by (eapply Rle_trans; [apply Rmax_l | apply Rmax_l]).
  assert (H0c : Phi (constant c0) <= c) by (eapply Rle_trans; [apply Rmax_r | apply Rmax_l]).
  assert (HE : Phi (biased net E) <= c) by apply Rmax_r.
  apply (joined_step _ T (at_constant Z)).
  { apply (affine_below (biased net)); [now apply L7_output_bias | easy | now rewrite EZ]. }
  apply (joined_step _ (at_constant Z) (at_constant Z')); [intros t _; unfold sublevel; now rewrite Ez|].
  apply joined_line. apply (affine_below (biased net)); [now apply L7_output_bias | now rewrite EZ' | easy].
Qed.

(** "so if L(g-star) < L(theta), the depth of theta is at most max(0, L_0 - L(theta))" *)
Theorem R0_depth_classes P E : Phi (net E) < Phi (net P) ->
  depth_at_most (fun P => Phi (net P)) P (Rmax 0 (zero_loss Phi - Phi (net P))).
Proof.
  intros Hlow. apply (joined_depth (fun P => Phi (net P)) P E); [|exact Hlow].
  eapply joined_mono; [|exact (R0_reach P E)]. intros Q HQ. unfold sublevel in *. eapply Rle_trans; [exact HQ|].
  pose proof (Rmax_l 0 (zero_loss Phi - Phi (net P))). pose proof (Rmax_r 0 (zero_loss Phi - Phi (net P))).
  repeat apply Rmax_lub; lra.
Qed.

Theorem R0_depth_bias (T E : with_bias I) c0 : Phi (biased net E) < Phi (biased net T) ->
  depth_at_most (fun T => Phi (biased net T)) T (Rmax 0 (Phi (constant c0) - Phi (biased net T))).
Proof.
  intros Hlow. apply (joined_depth (fun T => Phi (biased net T)) T E); [|exact Hlow].
  eapply joined_mono; [|exact (R0_reach_bias T E c0)]. intros Q HQ. unfold sublevel in *.
  eapply Rle_trans; [exact HQ|]. pose proof (Rmax_l 0 (Phi (constant c0) - Phi (biased net T))).
  pose proof (Rmax_r 0 (Phi (constant c0) - Phi (biased net T))). repeat apply Rmax_lub; lra.
Qed.
End Reach.
