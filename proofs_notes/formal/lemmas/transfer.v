(** L4 [ours] in PARALLEL (blueprint, section 1): handing outgoing weights over, and L3 and L4 in one segment. The
    RESIDUAL form is in residual.v, the STREAM form in stream.v.

    Definitions: [hand], a matrix of outgoing columns after every j in J gave C_ji times its column to the neurons i
    outside J and kept nothing; [single], coefficients C with one receiver, the centre i(j), and c_j; [give], the
    weights after V and A were handed over by C; [transfer], the same to the centres: V_i + c V_j, V_j = 0, alike
    for A.
    Statements: L3 and L4 fused, L4. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import perturb.
Import ListNotations.
Open Scope R_scope.

(** Neuron j of J gives C_ji times its outgoing column to every neuron i outside J, and keeps nothing. *)
Definition hand (J : list nat) (C : matrix) (M : matrix) : matrix := fun i a =>
  if mem i J then 0 else M i a + \sum_(j in J) (C j i * M j a).

(** one receiver, the centre: "V_i + t c V_j" *)
Definition single (ctr : nat -> nat) (cf : nat -> R) : matrix := fun j i =>
  if Nat.eqb (ctr j) i then cf j else 0.

Definition give (P : param) (J : list nat) (C : matrix) : param :=
  make (W P) (hand J C (V P)) (hand J C (A P)) (U P) (Q P).

(** "V_i + t c V_j, (1-t) V_j, same for A": the end of the segment; t is that of [lin] *)
Definition transfer (P : param) (J : list nat) (ctr : nat -> nat) (cf : nat -> R) : param :=
  give P J (single ctr cf).

Lemma hand_off J C M j a : In j J -> hand J C M j a = 0.
Proof. intros Hj. apply mem_In in Hj. unfold hand. now rewrite Hj. Qed.

Section Transfer.
Variables (X : data) (m : nat) (B : branch).

(** what handing over does to a sum of outgoing columns times z *)
Lemma hand_sum J C (M : matrix) (z : vector) a t :
  NoDup J -> (forall j, In j J -> (j < m)%nat) ->
  \sum_(i < m) (((1 - t) * M i a + t * hand J C M i a) * z i) - \sum_(i < m) (M i a * z i)
  = t * \sum_(j in J) (M j a * (\sum_(i < m) (if mem i J then 0 else C j i * z i) - z j)).
Proof.
  intros HN HJ.
  assert (Hhand : \sum_(i < m) (hand J C M i a * z i)
    = \sum_(i < m) (if mem i J then 0 else M i a * z i)
      + \sum_(j in J) (M j a * \sum_(i < m) (if mem i J then 0 else C j i * z i))).
  { rewrite (lsum_ext J _ (fun j => \sum_(i < m) (M j a * (if mem i J then 0 else C j i * z i))))
      by (intros; now rewrite lsum_scal).
    rewrite lsum_swap, <- lsum_plus. apply lsum_ext; intros i _. unfold hand. destruct (mem i J).
    - rewrite lsum_zero by (intros; ring). ring.
    - rewrite Rmult_plus_distr_r, <- lsum_scal_r. f_equal. apply lsum_ext; intros; ring. }
  rewrite (lsum_ext (seq 0 m) (fun i => ((1 - t) * M i a + t * hand J C M i a) * z i)
    (fun i => (1 - t) * (M i a * z i) + t * (hand J C M i a * z i)))
    by (intros; ring).
  rewrite lsum_lin, Hhand, (lsum_split m J (fun i => M i a * z i) HN HJ).
  rewrite (lsum_ext J (fun j => M j a * (\sum_(i < m) (if mem i J then 0 else C j i * z i) - z j))
    (fun j => M j a * \sum_(i < m) (if mem i J then 0 else C j i * z i) - M j a * z j))
    by (intros; apply Rmult_minus_distr_l).
  rewrite lsum_minus. ring.
Qed.

Lemma single_sum J ctr cf (z : vector) j : (ctr j < m)%nat -> ~ In (ctr j) J ->
  \sum_(i < m) (if mem i J then 0 else single ctr cf j i * z i) = cf j * z (ctr j).
Proof.
  intros Hc HJ. rewrite <- (lsum_delta m (ctr j) (fun i => cf j * z i) Hc).
  apply lsum_ext; intros i _. unfold single. apply mem_false in HJ.
  destruct (Nat.eqb_spec (ctr j) i) as [<-|n].
  - now rewrite HJ.
  - destruct (mem i J); ring.
Qed.

(** the segment of [give], seen through the features *)
Lemma give_skip P J C t k c : NoDup J -> (forall j, In j J -> (j < m)%nat) ->
  skip X m (lin t P (give P J C)) k c - skip X m P k c
  = t * \sum_(j in J) (V P j c *
      (\sum_(i < m) (if mem i J then 0 else C j i * feature X P k i) - feature X P k j)).
Proof.
  intros HN HJ. rewrite <- (hand_sum J C (V P) (feature X P k) c t HN HJ). unfold skip. f_equal.
  apply lsum_ext; intros j _. f_equal. apply feature_ext. intros i. unfold give; entries. ring.
Qed.

Lemma give_reading P J C t k a : NoDup J -> (forall j, In j J -> (j < m)%nat) ->
  reading X m (lin t P (give P J C)) k a - reading X m P k a
  = t * \sum_(j in J) (A P j a *
      (\sum_(i < m) (if mem i J then 0 else C j i * feature X P k i) - feature X P k j)).
Proof.
  intros HN HJ. rewrite <- (hand_sum J C (A P) (feature X P k) a t HN HJ). unfold reading. f_equal.
  apply lsum_ext; intros j _. f_equal. apply feature_ext. intros i. unfold give; entries. ring.
Qed.

Lemma give_U P J C t : U (lin t P (give P J C)) = U P.
Proof. apply matrix_ext; intros. unfold give; entries; ring. Qed.

Lemma give_Q P J C t : Q (lin t P (give P J C)) = Q P.
Proof.
  apply functional_extensionality; intros d. apply matrix_ext; intros. unfold give; entries; ring.
Qed.

(** if every z_j, j in J, is the combination C_j of the features that stay, nothing changes *)
Lemma give_exact P J C t :
  NoDup J -> (forall j, In j J -> (j < m)%nat) ->
  (forall k, (k < points X)%nat -> forall j, In j J ->
     feature X P k j = \sum_(i < m) (if mem i J then 0 else C j i * feature X P k i)) ->
  forall k c, (k < points X)%nat ->
  parallel X m B (lin t P (give P J C)) k c = parallel X m B P k c.
Proof.
  intros HN HJ HC k c Hk.
  assert (Z : forall M : matrix, forall a, t * \sum_(j in J) (M j a *
     (\sum_(i < m) (if mem i J then 0 else C j i * feature X P k i) - feature X P k j)) = 0).
  { intros M a. rewrite lsum_zero; [ring|]. intros j Hj. rewrite <- (HC k Hk j Hj). ring. }
  unfold parallel. f_equal.
  - apply Rminus_diag_uniq. now rewrite give_skip.
  - apply deep_ext.
    + intros a. apply Rminus_diag_uniq. now rewrite give_reading.
    + intros s. now rewrite give_U.
    + apply give_Q.
Qed.

Theorem L4_transfer l P J ctr cf t : admissible m l J ctr cf ->
  (forall j, In j J -> forall i, W P j i = cf j * W P (ctr j) i) ->
  parallel X m B (lin t P (transfer P J ctr cf)) = parallel X m B P.
Proof.
  intros [(HN & _ & HJ) [Hc Hcf]] HW.
  assert (Z : forall k (M : matrix) a, t * \sum_(j in J) (M j a *
     (\sum_(i < m) (if mem i J then 0 else single ctr cf j i * feature X P k i) - feature X P k j)) = 0).
  { intros k M a. rewrite lsum_zero; [ring|]. intros j Hj.
    rewrite single_sum by (apply Hc; easy). unfold feature. rewrite <- L1a_homogeneous by auto.
    rewrite <- dot_scal, (dot_ext X (W P j) (fun i => cf j * W P (ctr j) i)) by (now apply HW). ring. }
  apply matrix_ext; intros k c. unfold parallel. f_equal.
  - apply Rminus_diag_uniq. unfold transfer. now rewrite give_skip.
  - apply deep_ext.
    + intros a. apply Rminus_diag_uniq. unfold transfer. now rewrite give_reading.
    + intros s. unfold transfer. now rewrite give_U.
    + apply give_Q.
Qed.

(** "In PARALLEL L3 and L4 fuse into one segment: leave w_j, ...; same bound t D(J)" *)
Theorem L3_L4_fused sigma lam l P J ctr cf t :
  moment X sigma -> branch_gain X B P lam -> admissible m l J ctr cf -> 0 <= t ->
  fnorm X (fun k c => parallel X m B (lin t P (transfer P J ctr cf)) k c - parallel X m B P k c)
  <= t * deviation X B sigma lam P J ctr cf.
Proof.
  intros Hs Hlam [(HN & _ & HJ) [Hc Hcf]] Ht.
  set (dz := fun j k => cf j * feature X P k (ctr j) - feature X P k j).
  assert (Hdz : forall j, In j J ->
    pnorm X (dz j) <= sigma * enorm (seen X) (fun i => W P j i - cf j * W P (ctr j) i)).
  { intros j Hj.
    eapply Rle_trans; [|now apply (moment_norm X sigma Hs (fun i => W P j i - cf j * W P (ctr j) i))].
    apply wnorm_mono; [apply weight_nonneg|]. intros k _. unfold dz, feature.
    rewrite <- L1a_homogeneous, <- dot_scal by auto. eapply Rle_trans; [apply L1b_lipschitz|]. right.
    rewrite Rabs_minus_sym. f_equal. unfold dot. rewrite <- lsum_minus. apply lsum_ext; intros; ring. }
  assert (Hsum : forall n (M : matrix), l2norm X n (fun k a => t * \sum_(j in J) (M j a *
      (\sum_(i < m) (if mem i J then 0 else single ctr cf j i * feature X P k i) - feature X P k j)))
    <= t * \sum_(j in J) (enorm n (M j) * pnorm X (dz j))).
  { intros n M. rewrite l2norm_scal_pos by easy. apply Rmult_le_compat_l; [easy|].
    eapply Rle_trans; [|apply (l2norm_rank1_sum X n J dz M)]. right. f_equal.
    apply matrix_ext; intros k a. apply lsum_ext; intros j Hj. rewrite single_sum by (apply Hc; easy). easy. }
  pose proof (branch_gain_nonneg X B P lam Hlam) as Hlam0.
  eapply Rle_trans; [apply (parallel_move X m B P _ lam Hlam); [apply give_U | apply give_Q]|].
  replace (fun k c => skip X m (lin t P (transfer P J ctr cf)) k c - skip X m P k c) with
    (fun k c => t * \sum_(j in J) (V P j c *
      (\sum_(i < m) (if mem i J then 0 else single ctr cf j i * feature X P k i) - feature X P k j)))
    by (apply matrix_ext; intros; symmetry; now apply give_skip).
  replace (fun k a => reading X m (lin t P (transfer P J ctr cf)) k a - reading X m P k a) with
    (fun k a => t * \sum_(j in J) (A P j a *
      (\sum_(i < m) (if mem i J then 0 else single ctr cf j i * feature X P k i) - feature X P k j)))
    by (apply matrix_ext; intros; symmetry; now apply give_reading).
  eapply Rle_trans; [apply Rplus_le_compat; [apply Hsum | apply Rmult_le_compat_l; [easy | apply Hsum]]|].
  apply Rle_trans with (t * \sum_(j in J)
    ((enorm (outputs X) (V P j) + lam * enorm (branch_in B) (A P j)) * pnorm X (dz j))).
  { right. rewrite (lsum_ext J (fun j => (enorm (outputs X) (V P j) + lam * enorm (branch_in B) (A P j)) * pnorm X (dz j))
      (fun j => enorm (outputs X) (V P j) * pnorm X (dz j)
      + lam * (enorm (branch_in B) (A P j) * pnorm X (dz j)))) by (intros; ring).
    rewrite lsum_plus, lsum_scal. ring. }
  apply Rmult_le_compat_l; [easy|]. unfold deviation. rewrite <- lsum_scal. apply lsum_le; intros j Hj.
  assert (HC : 0 <= enorm (outputs X) (V P j) + lam * enorm (branch_in B) (A P j)).
  { apply Rplus_le_le_0_compat; [apply enorm_nonneg|]. apply Rmult_le_pos; [easy | apply enorm_nonneg]. }
  pose proof (Rmult_le_compat_l _ _ _ HC (Hdz j Hj)). lra.
Qed.

(** "and the V part is affine" *)
Theorem fused_skip_affine P J ctr cf t k c : NoDup J -> (forall j, In j J -> (j < m)%nat) ->
  skip X m (lin t P (transfer P J ctr cf)) k c
  = (1 - t) * skip X m P k c + t * skip X m (transfer P J ctr cf) k c.
Proof.
  intros HN HJ. pose proof (give_skip P J (single ctr cf) t k c HN HJ) as H.
  pose proof (give_skip P J (single ctr cf) 1 k c HN HJ) as H1.
  rewrite lin_1, Rmult_1_l in H1. rewrite <- H1 in H. unfold transfer. lra.
Qed.
End Transfer.
