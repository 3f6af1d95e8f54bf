(** T5 with the skip (blueprint, section 2): "With the skip term V z the same weights have depth 0 once m >= N
    (T4b)". The first hidden layer of the narrow network is z, its further layers are the branch, V = 0.

    Definitions: [no_first_bias], the first layer has no bias of its own; [with_skip], PARALLEL with the weights of
    the narrow network, A the identity and V = 0; [narrow_branch], its further layers as a branch.
    Statements: T5. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths.
From Skipscape.networks Require Import networks deep.
From Skipscape.lemmas Require Import losses.
From Skipscape.routes Require Import route refit.
From Skipscape.theorems Require Import finite_sample raising separation connectivity.
Import ListNotations.
Open Scope R_scope.

(** the first layer has no bias of its own: with a bias the data have a coordinate that is 1 *)
Definition no_first_bias (X : data) (m : nat) (P : narrow_param) : Prop :=
  forall j, (j < m)%nat -> hidden P O j (seen X) = 0.

(** PARALLEL with the weights of the narrow network, A the identity and V = 0 *)
Definition with_skip (P : narrow_param) : param :=
  make (hidden P O) zero_matrix (fun j a => if Nat.eqb a j then 1 else 0) (fun _ _ => P Out)
    (fun d => hidden P (S d)).
Definition narrow_branch (m : nat) (widths : list nat) : branch := deep_relu m (widths ++ [1%nat]).

Section Skip.
Variables (X : data) (m : nat) (widths : list nat).

Lemma with_skip_reading P k a : (a < m)%nat -> no_first_bias X m P ->
  reading X m (with_skip P) k a = layer (seen X) (hidden P O) (input X k) a.
Proof.
  intros Ha H0. unfold reading.
  rewrite (lsum_ext _ _ (fun j => if Nat.eqb a j then feature X (with_skip P) k j else 0)).
  - rewrite lsum_delta by easy. unfold layer. rewrite H0, Rplus_0_r by easy. easy.
  - intros j _. unfold with_skip at 1; entries. destruct (Nat.eqb a j); ring.
Qed.

(** the same function *)
Theorem T5_same_network P : no_first_bias X m P ->
  parallel X m (narrow_branch m widths) (with_skip P) = narrow X (m :: widths) P.
Proof.
  intros H0. apply matrix_ext; intros k c. unfold parallel.
  replace (skip X m (with_skip P) k c) with 0
    by (symmetry; apply lsum_zero; intros j _; unfold with_skip; entries; unfold zero_matrix; ring).
  rewrite Rplus_0_l. unfold deep, narrow, height, narrow_branch. cbn [branch_out deep_relu].
  rewrite last_last. cbn [seq lsum]. rewrite Rplus_0_r. f_equal.
  cbn [act deep_relu app forward]. apply forward_ext; [|now destruct widths].
  intros i Hi. now apply with_skip_reading.
Qed.

(** with the skip: depth 0 *)
Theorem T5_skip P f : spread_inputs X -> (points X <= m)%nat -> no_first_bias X m P ->
  squared X f < narrow_loss X (m :: widths) P ->
  depth_at_most (fun T => squared X (parallel X m (narrow_branch m widths) T)) (with_skip P) 0.
Proof.
  intros Hspread Hm H0 Hbetter.
  apply (T4b_no_valley X m (narrow_branch m widths) (squared X) (convex_max_at_ends _ (L7_squared X))
    (squared_on_data X) (with_skip P) f Hm Hspread).
  unfold loss_of. rewrite T5_same_network by easy. exact Hbetter.
Qed.

(** "and at most C1's bound otherwise": any width, any inputs *)
Theorem T5_narrow l w v sigma lam P J ctr cf : no_first_bias X m P -> moment X sigma ->
  branch_gain X (narrow_branch m widths) (with_skip P) lam -> admissible m l J ctr cf ->
  squared X (two_layer X l w v) < narrow_loss X (m :: widths) P ->
  let D := deviation X (narrow_branch m widths) sigma lam (with_skip P) J ctr cf in
  depth_at_most (fun T => squared X (parallel X m (narrow_branch m widths) T)) (with_skip P)
    (2 * sqrt (narrow_loss X (m :: widths) P) * D + D^2).
Proof.
  intros H0 Hs Hlam Ha Hbetter D.
  assert (E : squared X (parallel X m (narrow_branch m widths) (with_skip P)) = narrow_loss X (m :: widths) P)
    by now rewrite T5_same_network.
  rewrite <- E in Hbetter |- *. exact (C1_depth X m _ l w v sigma lam (with_skip P) J ctr cf Hs Hlam Ha Hbetter).
Qed.
End Skip.

(** both sides at once, for every width m >= N: a valley as deep as mean(y_+^2) without the skip, none with it *)
Theorem T5_removed X m : outputs X = 1%nat -> spread_inputs X -> (points X <= m)%nat ->
  mean_sq X (y_plus X) < mean_sq X (y_minus X) ->
  exists P, depth_at_most (narrow_loss X [m]) P (mean_sq X (y_plus X)) /\
    depth_at_least (narrow_loss X [m]) P (mean_sq X (y_plus X)) /\
    parallel X m (narrow_branch m []) (with_skip P) = narrow X [m] P /\
    depth_at_most (fun T => squared X (parallel X m (narrow_branch m []) T)) (with_skip P) 0.
Proof.
  intros Hp Hspread Hm Hlt.
  destruct (T5_every_width X m Hp Hspread Hm Hlt) as (P & P' & H0 & Hbetter & Hup & Hlow).
  exists P. split; [easy|]. split; [easy|]. split; [now apply T5_same_network|].
  now apply (T5_skip X m [] P (narrow X [m] P')).
Qed.
