(** L7 [fb] with an output bias c in the readout (blueprint, section 1): whatever class the weights belong to, they and
    a bias of every output, which is a weight too. And the time along the segment: convex, largest at an end.

    Definitions: [affine_between], every output of a network is affine along a segment; [with_bias], the weights of a
    network with an output bias beside them; [inner_weights], [output_bias], its two parts; [biased], the network with
    its bias added.
    Statements: L7. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths.
From Skipscape.networks Require Import networks blocks.
From Skipscape.lemmas Require Import losses readout stream.
Open Scope R_scope.

Definition affine_between {I : Type} (net : (I -> R) -> nat -> nat -> R) (P Q : I -> R) : Prop :=
  forall t k c, net (lin t P Q) k c = (1 - t) * net P k c + t * net Q k c.

Definition with_bias (I : Type) : Type := (I + nat)%type -> R.
Definition inner_weights {I : Type} (T : with_bias I) : I -> R := fun i => T (inl i).
Definition output_bias {I : Type} (T : with_bias I) : vector := fun c => T (inr c).
Definition biased {I : Type} (net : (I -> R) -> nat -> nat -> R) (T : with_bias I) : nat -> nat -> R :=
  fun k c => net (inner_weights T) k c + output_bias T c.

(** the readouts of the four classes; TWO-LAYER is PARALLEL with U = 0 or without a branch *)
Theorem L7_readouts X m B K Bl P v u S v' :
  affine_between (parallel X m B) P (readout P v u) /\ affine_between (skip X m) P (readout P v u) /\
  affine_between (residual X m B) P (readout P v (U P)) /\ affine_between (plain X m B) P (readout P v u) /\
  affine_between (stream X m K Bl) S (stream_readout S v').
Proof.
  split; [intros t k c; apply L7_affine|]. split; [|split; [intros t k c; apply L7_residual|
    split; [intros t k c; apply L7_plain | intros t k c; apply L7_stream]]].
  intros t k c. unfold skip. rewrite <- lsum_lin. apply lsum_ext; intros j _. rewrite lin_readout, !V_readout,
    !feature_readout. ring.
Qed.

(** and the output bias with them *)
Theorem L7_output_bias {I : Type} (net : (I -> R) -> nat -> nat -> R) T T' :
  affine_between net (inner_weights T) (inner_weights T') -> affine_between (biased net) T T'.
Proof.
  intros H t k c. unfold biased. change (inner_weights (lin t T T')) with (lin t (inner_weights T) (inner_weights T')).
  rewrite H. change (output_bias (lin t T T') c) with ((1 - t) * output_bias T c + t * output_bias T' c). ring.
Qed.

Lemma affine_time {I : Type} (net : (I -> R) -> nat -> nat -> R) P Q s t r : affine_between net P Q ->
  net (lin ((1 - r) * s + r * t) P Q) = fun k c => (1 - r) * net (lin s P Q) k c + r * net (lin t P Q) k c.
Proof. intros H. apply matrix_ext; intros k c. rewrite !H. ring. Qed.

(** "a loss convex in the output is convex in t, and its maximum over the segment is its value at an end" *)
Theorem L7_segment {I : Type} (net : (I -> R) -> nat -> nat -> R) Phi P Q : convex Phi -> affine_between net P Q ->
  (forall s t r, 0 <= r <= 1 ->
    Phi (net (lin ((1 - r) * s + r * t) P Q)) <= (1 - r) * Phi (net (lin s P Q)) + r * Phi (net (lin t P Q))) /\
  (forall t, 0 <= t <= 1 -> Phi (net (lin t P Q)) <= Rmax (Phi (net P)) (Phi (net Q))).
Proof.
  intros HPhi H. split.
  - intros s t r Hr. rewrite affine_time by easy. now apply HPhi.
  - intros t Ht. replace (net (lin t P Q)) with (fun k c => (1 - t) * net P k c + t * net Q k c)
      by (apply matrix_ext; intros; now rewrite H).
    now apply (convex_max_at_ends Phi).
Qed.

(** sample by sample: "a loss convex in the output" *)
Theorem L7_sample_loss X ell : (forall k, (k < points X)%nat -> convex_in_output (ell (target X k))) ->
  convex (mean_loss X ell).
Proof.
  intros H f g t Ht. unfold mean_loss. rewrite <- lsum_lin. apply lsum_le; intros k Hk. apply in_rng in Hk.
  specialize (H k Hk (f k) (g k) t Ht). apply (Rmult_le_compat_l _ _ _ (weight_nonneg X k)) in H. lra.
Qed.
