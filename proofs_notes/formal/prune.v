(** R4 [ours] (blueprint, section 2): prune the l lightest neurons; C2 at the rate l/m. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape Require Import sums relu paths networks perturb transfer readout losses selection slots
  regulariser connectivity.
Import ListNotations.
Open Scope R_scope.

Section Prune.
Variables (X : data) (m : nat) (B : branch).

(** "c_j = 0 is pruning": the centre is any slot outside J *)
Theorem R4_prune sigma lam P l : (l < m)%nat -> moment X sigma -> 0 <= lam ->
  exists J ctr, admissible m l J ctr (fun _ => 0) /\ shrinks X P J ctr (fun _ => 0) /\
    (forall j i, In j J -> (i < m)%nat -> ~ In i J -> neuron_mass X B lam P j <= neuron_mass X B lam P i) /\
    deviation X B sigma lam P J ctr (fun _ => 0) <= sigma * mass X m B lam P * (INR l / INR m).
Proof.
  intros Hlm [Hs _] Hlam.
  destruct (L6_selection (neuron_mass X B lam P) m l) as (J & HN & HL & HJ & Hmin & HS); [lia | lia|].
  destruct (exists_free m l (fun k => nth k J O) Hlm) as (b & Hb & Fb).
  apply (list_free l J b HL) in Fb.
  exists J, (fun _ => b). split; [|split; [|split; [exact Hmin|]]].
  - split; [easy|]. split; intros j Hj; [easy | lra].
  - intros j _. rewrite enorm_zero by (intros; ring). apply enorm_nonneg.
  - unfold deviation. rewrite Rmult_assoc. apply Rmult_le_compat_l; [easy|].
    eapply Rle_trans; [right | eapply Rle_trans; [exact HS | right]].
    + apply lsum_ext; intros j _. unfold neuron_mass. f_equal. apply enorm_ext; intros; ring.
    + unfold mass. apply Rmult_comm.
Qed.

(** C2 with R4: rate l/m for networks of mass at most S *)
Theorem C2_rate l w v sigma lam lam' P P' S level : (l < m)%nat -> moment X sigma ->
  branch_gain X B P lam -> branch_gain X B P' lam' ->
  mass X m B lam P <= S -> mass X m B lam' P' <= S ->
  squared X (parallel X m B P) <= level -> squared X (parallel X m B P') <= level ->
  squared X (two_layer X l w v) <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    sqrt (squared X (parallel X m B (gam t))) <= sqrt level + sigma * S * (INR l / INR m).
Proof.
  intros Hlm Hs Hlam Hlam' HS HS' HP HP' Hstar.
  assert (Hlm0 : 0 <= INR l / INR m).
  { apply Rmult_le_pos; [apply pos_INR|]. left. apply Rinv_0_lt_compat, lt_0_INR. lia. }
  assert (Hle : forall z, z <= S -> sigma * z * (INR l / INR m) <= sigma * S * (INR l / INR m)).
  { intros z Hz. apply Rmult_le_compat_r; [easy|]. apply Rmult_le_compat_l; [apply Hs | easy]. }
  destruct (R4_prune sigma lam P l Hlm Hs (branch_gain_nonneg X B P lam Hlam)) as (J & ctr & Ha & _ & _ & HD).
  destruct (R4_prune sigma lam' P' l Hlm Hs (branch_gain_nonneg X B P' lam' Hlam')) as (J' & ctr' & Ha' & _ & _ & HD').
  destruct (C2_connected X m B l w v sigma lam lam' P P' J J' ctr ctr' _ _ level Hlm Hs Hlam Hlam' Ha Ha'
    HP HP' Hstar) as (gam & Hg & g0 & g1 & H).
  exists gam. split; [easy|]. split; [easy|]. split; [easy|]. intros t Ht.
  eapply Rle_trans; [now apply H|]. apply Rplus_le_compat_l, Rmax_lub.
  - eapply Rle_trans; [exact HD | now apply Hle].
  - eapply Rle_trans; [exact HD' | now apply Hle].
Qed.
End Prune.

(** the same for TWO-LAYER networks: U = 0 all along *)
Definition no_branch : branch := Branch 0 0 (fun _ _ _ => 0).

Lemma no_branch_gain X P : branch_gain X no_branch P 0.
Proof.
  exists 0, 0. split; [|split; [|ring]].
  - split; [lra|]. intros v. rewrite Rmult_0_l. right. apply enorm_zero. intros; simpl; ring.
  - split; [lra|]. intros a b. rewrite Rmult_0_l. right. apply enorm_zero. intros i Hi. simpl in Hi. lia.
Qed.

Corollary C2_rate_two_layer X m l w v sigma P P' S level : (l < m)%nat -> moment X sigma ->
  let S_of P := \sum_(j < m) (enorm (seen X) (W P j) * enorm (outputs X) (V P j)) in
  S_of P <= S -> S_of P' <= S ->
  squared X (skip X m P) <= level -> squared X (skip X m P') <= level ->
  squared X (two_layer X l w v) <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    sqrt (squared X (skip X m (gam t))) <= sqrt level + sigma * S * (INR l / INR m).
Proof.
  intros Hlm Hs S_of HS HS' HP HP' Hstar.
  assert (Hnet : forall R0, parallel X m no_branch R0 = skip X m R0).
  { intros R0. apply matrix_ext; intros k c. unfold parallel, deep. simpl. ring. }
  assert (Hmass : forall R0, mass X m no_branch 0 R0 = S_of R0).
  { intros R0. apply lsum_ext; intros j _. unfold neuron_mass. ring. }
  destruct (C2_rate X m no_branch l w v sigma 0 0 P P' S level Hlm Hs (no_branch_gain X P) (no_branch_gain X P'))
    as (gam & Hg & g0 & g1 & H); rewrite ?Hmass, ?Hnet; try assumption.
  exists gam. split; [easy|]. split; [easy|]. split; [easy|]. intros t Ht. rewrite <- Hnet. now apply H.
Qed.
