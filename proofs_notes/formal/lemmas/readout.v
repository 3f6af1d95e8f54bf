(** L7 [fb] (blueprint, section 1): if only the readout moves along a segment, the output is affine in t, so a
    convex loss has its maximum at an end; the mass is convex. The losses are in losses.v. PARALLEL, RESIDUAL and
    PLAIN.

    Definitions: [readout], the same weights with another readout (V, U).
    Statements: L7. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths.
From Skipscape.networks Require Import networks.
Open Scope R_scope.

(** the same weights with another readout (V, U) *)
Definition readout (P : param) (v u : matrix) : param := make (W P) v (A P) u (Q P).

Lemma V_readout P v u : V (readout P v u) = v.
Proof. reflexivity. Qed.

Lemma U_readout P v u : U (readout P v u) = u.
Proof. reflexivity. Qed.

Section Readout.
Variables (X : data) (m : nat) (B : branch).

Lemma feature_readout P v u k j : feature X (readout P v u) k j = feature X P k j.
Proof. reflexivity. Qed.

Lemma act_readout P v u k :
  act B (Q (readout P v u)) (reading X m (readout P v u) k) = act B (Q P) (reading X m P k).
Proof. reflexivity. Qed.

Lemma lin_readout P v u t : lin t P (readout P v u)
  = readout P (fun j c => (1 - t) * V P j c + t * v j c) (fun c s => (1 - t) * U P c s + t * u c s).
Proof. apply param_ext; intros; unfold readout; entries; ring. Qed.

(** PARALLEL and TWO-LAYER: (V, U) *)
Theorem L7_affine P v u t k c :
  parallel X m B (lin t P (readout P v u)) k c
  = (1 - t) * parallel X m B P k c + t * parallel X m B (readout P v u) k c.
Proof.
  rewrite lin_readout. unfold parallel, skip, deep.
  rewrite !Rmult_plus_distr_l, <- !lsum_scal.
  match goal with |- _ = ?a + ?b + (?c + ?d) => replace (a + b + (c + d)) with ((a + c) + (b + d)) by ring end.
  rewrite <- !lsum_plus. f_equal; apply lsum_ext; intros j _.
  - rewrite !V_readout, !feature_readout. ring.
  - rewrite !U_readout, !act_readout. ring.
Qed.

(** RESIDUAL: V alone *)
Theorem L7_residual P v t k c :
  residual X m B (lin t P (readout P v (U P))) k c
  = (1 - t) * residual X m B P k c + t * residual X m B (readout P v (U P)) k c.
Proof.
  rewrite lin_readout, mix_same. unfold residual. rewrite <- !lsum_scal, <- lsum_plus.
  apply lsum_ext; intros j _.
  rewrite !V_readout, !feature_readout. change (deep X m B (readout P ?w (U P)) k j) with (deep X m B P k j).
  change (deep X m B (readout P v (U P)) k j) with (deep X m B P k j). ring.
Qed.

(** PLAIN: U alone *)
Theorem L7_plain P v u t k c :
  plain X m B (lin t P (readout P v u)) k c
  = (1 - t) * plain X m B P k c + t * plain X m B (readout P v u) k c.
Proof.
  rewrite lin_readout. unfold plain, deep. rewrite <- !lsum_scal, <- lsum_plus.
  apply lsum_ext; intros s _.
  rewrite !U_readout, !act_readout. ring.
Qed.
End Readout.
