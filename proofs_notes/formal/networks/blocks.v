(** STREAM networks: K residual blocks on the skip layer, z_0 = z, z_k = z_(k-1) + U_k q_k(A_k z_(k-1)), output V
    z_K (blueprint, section 0). Blocks are counted 0 .. K-1 here.

    Definitions: [stream_coordinate], one weight, [stream_param], all of them, read by [sW], [sV], [sA], [sU], [sQ]
    (the last three per block), put together by [stream_make]; [no_blocks], a branch of no width; [stream_feature],
    z = [W x]_+; [state], z_n at a point; [block_reading], A_n z_n; [block_out], q_n of that; [stream], the output V
    z_K; [times], a matrix product over the m slots; [stream_gain], lam_k dominates Lambda_k = Lip(q_k) (||V U_k|| +
    sum_(h>k) Lambda_h ||A_h U_k||); [stream_out], o_j = ||V_j|| + sum_k Lambda_k ||A_(k,j)||; [stream_deviation],
    D(J) = sigma sum_J ||w_j - c_j w_i(j)|| o_j; [embed], a TWO-LAYER network as a STREAM whose blocks are 0.
    Statements: none. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks.
Import ListNotations.
Open Scope R_scope.

Inductive stream_coordinate :=
| StreamW (j i : nat)
| StreamV (j c : nat)
| StreamA (k j a : nat)
| StreamU (k j s : nat)
| StreamQ (k d s i : nat).
Definition stream_param := stream_coordinate -> R.

Definition sW (P : stream_param) : matrix := fun j i => P (StreamW j i).
Definition sV (P : stream_param) : matrix := fun j c => P (StreamV j c).
Definition sA (P : stream_param) (k : nat) : matrix := fun j a => P (StreamA k j a).
Definition sU (P : stream_param) (k : nat) : matrix := fun j s => P (StreamU k j s).
Definition sQ (P : stream_param) (k : nat) : nat -> matrix := fun d s i => P (StreamQ k d s i).
Definition stream_make (w v : matrix) (a u : nat -> matrix) (q : nat -> nat -> matrix) : stream_param := fun x =>
  match x with
  | StreamW j i => w j i
  | StreamV j c => v j c
  | StreamA k j a' => a k j a'
  | StreamU k j s => u k j s
  | StreamQ k d s i => q k d s i
  end.

Ltac stream_entries := cbv beta iota delta [lin sW sV sA sU sQ stream_make].

(** no branch at all *)
Definition no_blocks : branch := Branch 0 0 (fun _ _ _ => 0).

Section Stream.
Variables (X : data) (m K : nat).
(** block k: the map q_k with its own weights *)
Variable Bl : nat -> branch.

Definition stream_feature (P : stream_param) (k j : nat) : R := relu (dot X (sW P j) (input X k)).

(** z_n at point k *)
Fixpoint state (P : stream_param) (n k : nat) : vector :=
  match n with
  | O => stream_feature P k
  | S n => fun j => state P n k j + \sum_(s < branch_out (Bl n)) (sU P n j s *
      act (Bl n) (sQ P n) (fun a => \sum_(i < m) (sA P n i a * state P n k i)) s)
  end.
(** what block n reads *)
Definition block_reading (P : stream_param) (n k a : nat) : R := \sum_(i < m) (sA P n i a * state P n k i).
Definition block_out (P : stream_param) (n k s : nat) : R := act (Bl n) (sQ P n) (block_reading P n k) s.
Definition stream (P : stream_param) (k c : nat) : R := \sum_(j < m) (sV P j c * state P K k j).

Lemma state_S P n k j : state P (S n) k j = state P n k j + \sum_(s < branch_out (Bl n)) (sU P n j s * block_out P n k s).
Proof. reflexivity. Qed.

(** V U_k and A_h U_k *)
Definition times (M N : matrix) : matrix := fun c s => \sum_(j < m) (M j c * N j s).

(** "Lambda_k = Lip(q_k) (||V U_k|| + sum_(h>k) Lambda_h ||A_h U_k||)": [lam] dominates these *)
Definition stream_gain (P : stream_param) (lam : nat -> R) : Prop :=
  exists (lip vu : nat -> R) (au : nat -> nat -> R),
    (forall k, (k < K)%nat -> lipschitz (Bl k) (sQ P k) (lip k)) /\
    (forall k, (k < K)%nat -> opnorm_le (outputs X) (branch_out (Bl k)) (times (sV P) (sU P k)) (vu k)) /\
    (forall k h, (k < h < K)%nat -> opnorm_le (branch_in (Bl h)) (branch_out (Bl k)) (times (sA P h) (sU P k)) (au h k)) /\
    (forall k, (k < K)%nat -> 0 <= lam k) /\
    (forall k, (k < K)%nat -> lip k * (vu k + \sum_(h in seq (S k) (K - S k)) (lam h * au h k)) <= lam k).

(** "s_j = ||w_j|| (||V_j|| + sum_k Lambda_k ||A_(k,j)||)" and D(J) *)
Definition stream_out (lam : nat -> R) (P : stream_param) (j : nat) : R :=
  enorm (outputs X) (sV P j) + \sum_(k < K) (lam k * enorm (branch_in (Bl k)) (sA P k j)).
Definition stream_deviation (sigma : R) (lam : nat -> R) (P : stream_param) (J : list nat) (ctr : nat -> nat)
  (cf : nat -> R) : R :=
  sigma * \sum_(j in J) (enorm (seen X) (fun i => sW P j i - cf j * sW P (ctr j) i) * stream_out lam P j).

(** a network without blocks, as a STREAM *)
Definition embed (T : param) : stream_param :=
  stream_make (W T) (V T) (fun _ _ _ => 0) (fun _ _ _ => 0) (fun _ _ _ _ => 0).

Lemma embed_lin t T T' : embed (lin t T T') = lin t (embed T) (embed T').
Proof.
  apply functional_extensionality; intros []; unfold embed, lin, stream_make, W, V; try ring.
Qed.

Lemma embed_stream T : stream (embed T) = skip X m T.
Proof.
  apply matrix_ext; intros k c. unfold stream, skip. apply lsum_ext; intros j _. f_equal.
  generalize K as n. induction n as [|n IH]; [easy|]. rewrite state_S, IH, lsum_zero; [ring|].
  intros s _. change (sU (embed T) n j s) with 0. ring.
Qed.

Lemma embed_joined ok T T' : joined ok T T' ->
  joined (fun S => exists T0, S = embed T0 /\ ok T0) (embed T) (embed T').
Proof.
  induction 1 as [T H | T Q T' H _ IH].
  - apply joined_refl. now exists T.
  - apply (joined_step _ (embed T) (embed Q)); [|easy]. intros t Ht.
    exists (lin t T Q). split; [now rewrite embed_lin | now apply H].
Qed.
End Stream.
