(** L3 [fb] (blueprint, section 1): moving first-layer rows to multiples of their centres changes the output by at
    most t D(J) in L2(P). The slots, the coefficients and D(J) are [admissible] and [deviation] of networks.v.

    Definitions: [merge], the weights after the move: w_j = c_j w_i(j) for j in J, all else as it was; [product], V
    U, which stands for U when RESIDUAL is read as PARALLEL; [as_parallel], the weights read so; [projection], c_j =
    (w_j . w_i)_+ / ||w_i||^2, the multiple of the centre that comes closest to w_j; [angle], the angle between two
    rows.
    Statements: L3. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks.
Import ListNotations.
Open Scope R_scope.

(** "w_j goes to c_j w_i(j)", the rows outside J and all other weights stay *)
Definition merge (P : param) (J : list nat) (ctr : nat -> nat) (cf : nat -> R) : param :=
  make (fun j i => if mem j J then cf j * W P (ctr j) i else W P j i) (V P) (A P) (U P) (Q P).

Lemma merge_U P J ctr cf t : U (lin t P (merge P J ctr cf)) = U P.
Proof. apply matrix_ext; intros. unfold merge; entries; ring. Qed.

Lemma merge_Q P J ctr cf t : Q (lin t P (merge P J ctr cf)) = Q P.
Proof. apply functional_extensionality; intros. apply matrix_ext; intros. unfold merge; entries; ring. Qed.

(** V U, which stands for U when RESIDUAL is read as PARALLEL *)
Definition product (m : nat) (P : param) : matrix := fun c s => \sum_(j < m) (V P j c * U P j s).
Definition as_parallel (m : nat) (P : param) : param :=
  make (W P) (V P) (A P) (product m P) (Q P).

Section Perturb.
Variables (X : data) (m : nat) (B : branch).

(** what a move of (W, V, A) does to the output: its effect on V z, and Lambda times that on A z *)
Lemma parallel_move P P' lam : branch_gain X B P lam -> U P' = U P -> Q P' = Q P ->
  fnorm X (fun k c => parallel X m B P' k c - parallel X m B P k c)
  <= l2norm X (outputs X) (fun k c => skip X m P' k c - skip X m P k c)
     + lam * l2norm X (branch_in B) (fun k a => reading X m P' k a - reading X m P k a).
Proof.
  intros (u & lip & [Hu0 Hu] & [Hl0 Hlip] & ->) EU EQ. unfold fnorm.
  set (d := fun k => enorm (branch_in B) (fun a => reading X m P' k a - reading X m P k a)).
  assert (HD : l2norm X (outputs X) (fun k c => deep X m B P' k c - deep X m B P k c)
               <= u * lip * pnorm X d).
  { rewrite l2norm_iter. unfold pnorm.
    rewrite <- (wnorm_scal_pos _ _ (u * lip) d) by now apply Rmult_le_pos.
    apply wnorm_mono; [apply weight_nonneg|]. intros k _.
    assert (Hd : 0 <= d k) by apply enorm_nonneg.
    rewrite !Rabs_right; cycle 1.
    { apply Rle_ge. repeat apply Rmult_le_pos; easy. }
    { apply Rle_ge, enorm_nonneg. }
    rewrite (enorm_ext _ _ (fun c => \sum_(s < branch_out B)
        (U P c s * (act B (Q P) (reading X m P' k) s - act B (Q P) (reading X m P k) s)))).
    2:{ intros c _. unfold deep. rewrite EU, EQ, <- lsum_minus. apply lsum_ext; intros; ring. }
    eapply Rle_trans; [apply Hu|]. rewrite Rmult_assoc. apply Rmult_le_compat_l; [easy|]. apply Hlip. }
  rewrite (l2norm_iter X (branch_in B)). fold d.
  eapply Rle_trans; [|apply Rplus_le_compat_l; exact HD].
  eapply Rle_trans; [|apply l2norm_triangle]. right. f_equal.
  apply matrix_ext; intros k c. unfold parallel. ring.
Qed.

Lemma feature_move P P' sigma t j : moment X sigma -> 0 <= t ->
  pnorm X (fun k => feature X (lin t P P') k j - feature X P k j)
  <= t * (sigma * enorm (seen X) (fun i => W P j i - W P' j i)).
Proof.
  intros Hs Ht.
  eapply Rle_trans.
  { apply (wnorm_mono _ _ (weight_nonneg X) _
      (fun k => t * dot X (fun i => W P j i - W P' j i) (input X k))).
    intros k _. unfold feature. eapply Rle_trans; [apply L1b_lipschitz|]. right.
    rewrite Rabs_minus_sym. f_equal. unfold dot. rewrite <- lsum_minus, <- lsum_scal.
    apply lsum_ext; intros i _. entries. ring. }
  rewrite wnorm_scal_pos by easy. apply Rmult_le_compat_l; [easy|]. now apply moment_norm.
Qed.

Theorem L3_perturb sigma lam P J ctr cf t :
  moment X sigma -> branch_gain X B P lam ->
  NoDup J -> (forall j, In j J -> (j < m)%nat) -> 0 <= t ->
  fnorm X (fun k c => parallel X m B (lin t P (merge P J ctr cf)) k c - parallel X m B P k c)
  <= t * deviation X B sigma lam P J ctr cf.
Proof.
  intros Hs Hlam HN HJ Ht. set (P' := lin t P (merge P J ctr cf)).
  set (dz := fun j k => feature X P' k j - feature X P k j).
  assert (Hstay : forall j, ~ In j J -> pnorm X (dz j) = 0).
  { intros j Hj. apply wnorm_zero; intros k _. unfold dz. apply mem_false in Hj.
    rewrite (feature_ext X P' P); [ring|]. intros i. unfold P', merge; entries. rewrite Hj. ring. }
  assert (Hmove : forall j, In j J -> pnorm X (dz j)
                  <= t * (sigma * enorm (seen X) (fun i => W P j i - cf j * W P (ctr j) i))).
  { intros j Hj. eapply Rle_trans; [now apply (feature_move P (merge P J ctr cf) sigma t j)|].
    right. do 2 f_equal. apply enorm_ext; intros i _.
    change (W (merge P J ctr cf) j i) with (if mem j J then cf j * W P (ctr j) i else W P j i).
    now rewrite (proj2 (mem_In j J) Hj). }
  assert (Hline : forall n (M : param -> matrix), (forall j a, M P' j a = M P j a) ->
    l2norm X n (fun k a => \sum_(j < m) (M P' j a * feature X P' k j) - \sum_(j < m) (M P j a * feature X P k j))
    <= \sum_(j < m) (enorm n (M P j) * pnorm X (dz j))).
  { intros n M HM. eapply Rle_trans; [|apply (l2norm_rank1_sum X n (seq 0 m) dz (M P))]. right. f_equal.
    apply matrix_ext; intros k a. rewrite <- lsum_minus. apply lsum_ext; intros j _.
    now rewrite HM, <- Rmult_minus_distr_l. }
  assert (HV : forall j c, V P' j c = V P j c) by (intros; unfold P', merge; entries; ring).
  assert (HA : forall j a, A P' j a = A P j a) by (intros; unfold P', merge; entries; ring).
  eapply Rle_trans.
  { apply (parallel_move P P' lam Hlam); [apply merge_U | apply merge_Q]. }
  pose proof (branch_gain_nonneg X B P lam Hlam) as Hlam0.
  eapply Rle_trans.
  { apply Rplus_le_compat; [apply (Hline _ V HV)|].
    apply Rmult_le_compat_l; [easy|]. apply (Hline _ A HA). }
  rewrite <- lsum_scal, <- lsum_plus.
  rewrite (lsum_ext _ _ (fun j => if mem j J then
     (enorm (outputs X) (V P j) + lam * enorm (branch_in B) (A P j)) * pnorm X (dz j) else 0)).
  2:{ intros j _. destruct (mem j J) eqn:E; [ring|]. apply mem_false in E. rewrite Hstay by easy. ring. }
  rewrite lsum_mem by easy. unfold deviation. rewrite <- !lsum_scal. apply lsum_le; intros j Hj.
  assert (HC : 0 <= enorm (outputs X) (V P j) + lam * enorm (branch_in B) (A P j)).
  { apply Rplus_le_le_0_compat; [apply enorm_nonneg|]. apply Rmult_le_pos; [easy | apply enorm_nonneg]. }
  pose proof (Rmult_le_compat_l _ _ _ HC (Hmove j Hj)). lra.
Qed.

(** RESIDUAL is PARALLEL with V U in the place of U: "Lambda = ||V U|| Lip(q), the norm of the product" *)
Lemma residual_as_parallel P : residual X m B P = parallel X m B (as_parallel m P).
Proof.
  apply matrix_ext; intros k c. unfold residual, parallel, skip, deep.
  rewrite (lsum_ext (seq 0 m) _ (fun j => V P j c * feature X P k j +
      \sum_(s < branch_out B) (V P j c * U P j s * act B (Q P) (reading X m P k) s))).
  - rewrite lsum_plus, lsum_swap. f_equal. apply lsum_ext; intros s _.
    change (U (as_parallel m P) c s) with (product m P c s). unfold product. now rewrite <- lsum_scal_r.
  - intros j _. rewrite Rmult_plus_distr_l, <- lsum_scal. f_equal. apply lsum_ext; intros; ring.
Qed.

Theorem L3_residual sigma lam P J ctr cf t :
  moment X sigma -> branch_gain X B (as_parallel m P) lam ->
  NoDup J -> (forall j, In j J -> (j < m)%nat) -> 0 <= t ->
  fnorm X (fun k c => residual X m B (lin t P (merge P J ctr cf)) k c - residual X m B P k c)
  <= t * deviation X B sigma lam P J ctr cf.
Proof.
  intros Hs Hlam HN HJ Ht.
  pose proof (L3_perturb sigma lam (as_parallel m P) J ctr cf t Hs Hlam HN HJ Ht) as H.
  rewrite !residual_as_parallel.
  replace (as_parallel m (lin t P (merge P J ctr cf)))
    with (lin t (as_parallel m P) (merge (as_parallel m P) J ctr cf)); [exact H|].
  apply param_ext; intros; try easy.
  unfold as_parallel, merge, product; entries.
  rewrite (lsum_ext _ (fun j => _ * ((1 - t) * P (InU j s) + _)) (fun j => P (InV j c) * P (InU j s)))
    by (intros; ring).
  ring.
Qed.
End Perturb.

(** * The projection coefficient *)

(** "c_j = (w_j . w_i)_+ / ||w_i||^2" (0 if w_i = 0: in Coq x / 0 = x * / 0, and (w_j . 0)_+ = 0) *)
Definition projection (X : data) (w v : vector) : R := relu (dot X w v) / (enorm (seen X) v)^2.

Lemma projection_nonneg X w v : 0 <= projection X w v.
Proof.
  unfold projection. destruct (Req_dec (enorm (seen X) v) 0) as [E|E].
  - assert (H : dot X w v <= 0).
    { unfold dot. eapply Rle_trans; [apply inner_le_norms|]. rewrite E. lra. }
    rewrite relu_neg by easy. unfold Rdiv. lra.
  - apply Rmult_le_pos; [apply relu_nonneg|]. left. apply Rinv_0_lt_compat.
    pose proof (enorm_nonneg (seen X) v). nra.
Qed.

Lemma projection_distance_sq X w v : 0 < enorm (seen X) v ->
  (enorm (seen X) (fun i => w i - projection X w v * v i))^2
  = (enorm (seen X) w)^2 - (relu (dot X w v))^2 / (enorm (seen X) v)^2.
Proof.
  intros Hv. unfold projection. set (s := dot X w v). set (e := (enorm (seen X) v)^2).
  assert (He : 0 < e) by (unfold e; nra).
  rewrite !enorm_sq.
  rewrite (lsum_ext _ _ (fun i => (w i)^2 + ((-2 * (relu s / e)) * (w i * v i) + (relu s / e)^2 * (v i)^2)))
    by (intros; ring).
  rewrite !lsum_plus, !lsum_scal. fold (dot X w v). fold s. rewrite <- (enorm_sq (seen X) v). fold e.
  assert (Hs : relu s * s = (relu s)^2) by (relu_cases; nra).
  replace (-2 * (relu s / e) * s) with (-2 * ((relu s * s) / e)) by (field; lra).
  rewrite Hs. field. lra.
Qed.

(** "the distance is ||w_j|| sin(min(phi_j, pi/2))" *)
Definition angle (X : data) (w v : vector) : R :=
  acos (dot X w v / (enorm (seen X) w * enorm (seen X) v)).

Theorem L3_sine X w v : 0 < enorm (seen X) w -> 0 < enorm (seen X) v ->
  enorm (seen X) (fun i => w i - projection X w v * v i)
  = enorm (seen X) w * sin (Rmin (angle X w v) (PI / 2)).
Proof.
  intros Hw Hv. unfold angle. set (s := dot X w v).
  set (a := enorm (seen X) w) in *. set (b := enorm (seen X) v) in *.
  assert (Hs : s^2 <= a^2 * b^2).
  { unfold s, a, b, dot. rewrite !enorm_sq. apply Cauchy_Schwarz_sq. }
  set (u := s / (a * b)). assert (Hab : 0 < a * b) by nra.
  assert (Hu : s = u * (a * b)) by (unfold u; field; lra).
  assert (Hu1 : u^2 <= 1) by (rewrite Hu in Hs; apply (Rmult_le_reg_r ((a * b)^2)); nra).
  assert (Hu2 : -1 <= u <= 1) by (split; nra).
  assert (E : (enorm (seen X) (fun i => w i - projection X w v * v i))^2 = a^2 * (1 - (relu u)^2)).
  { rewrite projection_distance_sq by easy. fold s a b.
    rewrite Hu, (Rmult_comm u), L1a_homogeneous by lra. field. lra. }
  assert (HS : sin (Rmin (acos u) (PI/2)) = sqrt (1 - (relu u)^2)).
  { pose proof (acos_bound u) as Bd. pose proof (cos_acos u Hu2) as Ca.
    pose proof PI_RGT_0. pose proof cos_PI2 as C2.
    destruct (Rle_dec 0 u) as [h|h].
    - rewrite Rmin_left.
      + rewrite sin_acos by easy. f_equal. rewrite relu_pos by easy. unfold Rsqr. ring.
      + destruct (Rle_dec (acos u) (PI/2)) as [k|k]; [easy|].
        pose proof (cos_decreasing_1 (PI/2) (acos u)). lra.
    - rewrite Rmin_right.
      + rewrite sin_PI2, relu_neg by lra. rewrite <- sqrt_1 at 1. f_equal. ring.
      + destruct (Rle_dec (PI/2) (acos u)) as [k|k]; [easy|].
        pose proof (cos_decreasing_1 (acos u) (PI/2)). lra. }
  rewrite HS. apply Rsqr_inj.
  - apply enorm_nonneg.
  - apply Rmult_le_pos; [lra | apply sqrt_pos].
  - rewrite !Rsqr_pow2, E, Rpow_mult_distr, pow2_sqrt; [easy|]. relu_cases; nra.
Qed.

(** with projections D(J) is the blueprint's "sigma sum_J s_j sin(min(phi_j, pi/2))" (rows not 0) *)
Theorem L3_deviation X B sigma lam P J ctr :
  (forall j, In j J -> 0 < enorm (seen X) (W P j) /\ 0 < enorm (seen X) (W P (ctr j))) ->
  deviation X B sigma lam P J ctr (fun j => projection X (W P j) (W P (ctr j)))
  = sigma * \sum_(j in J) (neuron_mass X B lam P j * sin (Rmin (angle X (W P j) (W P (ctr j))) (PI / 2))).
Proof.
  intros H. unfold deviation. f_equal. apply lsum_ext; intros j Hj. destruct (H j Hj) as [H1 H2].
  rewrite (L3_sine X _ _ H1 H2). unfold neuron_mass. ring.
Qed.
