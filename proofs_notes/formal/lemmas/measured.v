(** RM [ours] (blueprint, section 3): how far a segment on which V and A alone move changes the output, by quadratic
    forms of E[z z^T], for any changes; and that this is at most D(J) on L3's segment.

    Definitions: [second_moment], K = E[z z^T]; [trace_form], tr(B K B^T) for the first n rows of B, whose column j
    is B_j; [measured], D of the changes B_V and B_A; [moved], the weights after them.
    Statements: RM. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import perturb transfer.
Import ListNotations.
Open Scope R_scope.

Section Measured.
Variables (X : data) (m : nat) (B : branch).

Definition second_moment (P : param) : matrix := fun i j =>
  \sum_(k < points X) (weight X k * (feature X P k i * feature X P k j)).

(** "tr(B K B^T)": column j of B is M j, as V's is V_j *)
Definition trace_form (n : nat) (M : matrix) (K : matrix) : R :=
  \sum_(c < n) \sum_(i < m) \sum_(j < m) (M i c * K i j * M j c).

Definition measured (lam : R) (P : param) (v a : matrix) : R :=
  sqrt (trace_form (outputs X) v (second_moment P)) + lam * sqrt (trace_form (branch_in B) a (second_moment P)).

(** V + B_V, A + B_A, all else stays *)
Definition moved (P : param) (v a : matrix) : param :=
  make (W P) (fun j c => V P j c + v j c) (fun j b => A P j b + a j b) (U P) (Q P).

(** it is the squared norm of B z *)
Lemma trace_norm n M P :
  trace_form n M (second_moment P) = (l2norm X n (fun k c => \sum_(j < m) (M j c * feature X P k j)))^2.
Proof.
  rewrite l2norm_sq. unfold trace_form, second_moment.
  rewrite (lsum_ext (seq 0 (points X)) _ (fun k => \sum_(c < n)
    (weight X k * (\sum_(j < m) (M j c * feature X P k j))^2))) by (intros; now rewrite lsum_scal).
  rewrite (lsum_swap (seq 0 (points X))). apply lsum_ext; intros c _.
  rewrite (lsum_ext (seq 0 m) _ (fun i => \sum_(k < points X) \sum_(j < m)
    (weight X k * (M i c * feature X P k i) * (M j c * feature X P k j)))).
  - rewrite lsum_swap. apply lsum_ext; intros k _.
    rewrite (lsum_ext (seq 0 m) _ (fun i => weight X k * (M i c * feature X P k i)
      * \sum_(j < m) (M j c * feature X P k j))) by (intros; now rewrite lsum_scal).
    rewrite lsum_scal_r, lsum_scal. simpl. ring.
  - intros i _. rewrite <- lsum_swap. apply lsum_ext; intros j _.
    rewrite (lsum_ext (seq 0 (points X)) (fun k => weight X k * (M i c * feature X P k i) * (M j c * feature X P k j))
      (fun k => (M i c * M j c) * (weight X k * (feature X P k i * feature X P k j)))) by (intros; ring).
    rewrite lsum_scal. ring.
Qed.

Lemma sqrt_trace n M P :
  sqrt (trace_form n M (second_moment P)) = l2norm X n (fun k c => \sum_(j < m) (M j c * feature X P k j)).
Proof. rewrite trace_norm. apply sqrt_pow2, l2norm_nonneg. Qed.

Lemma moved_skip P v a t : skip X m (lin t P (moved P v a))
  = fun k c => skip X m P k c + t * \sum_(j < m) (v j c * feature X P k j).
Proof.
  apply matrix_ext; intros k c. unfold skip. rewrite <- lsum_scal, <- lsum_plus. apply lsum_ext; intros j _.
  rewrite (feature_ext X (lin t P (moved P v a)) P) by (intros; unfold moved; entries; ring).
  unfold moved; entries. ring.
Qed.

Lemma moved_reading P v a t : reading X m (lin t P (moved P v a))
  = fun k b => reading X m P k b + t * \sum_(j < m) (a j b * feature X P k j).
Proof.
  apply matrix_ext; intros k b. unfold reading. rewrite <- lsum_scal, <- lsum_plus. apply lsum_ext; intros j _.
  rewrite (feature_ext X (lin t P (moved P v a)) P) by (intros; unfold moved; entries; ring).
  unfold moved; entries. ring.
Qed.

(** "||f_t - f_0|| <= t D" *)
Theorem RM_measured lam P v a t : branch_gain X B P lam -> 0 <= t ->
  fnorm X (fun k c => parallel X m B (lin t P (moved P v a)) k c - parallel X m B P k c) <= t * measured lam P v a.
Proof.
  intros Hlam Ht. eapply Rle_trans.
  { apply (parallel_move X m B P _ lam Hlam).
    - apply matrix_ext; intros; unfold moved; entries; ring.
    - apply functional_extensionality; intros d. apply matrix_ext; intros; unfold moved; entries; ring. }
  rewrite moved_skip, moved_reading. unfold measured. rewrite !sqrt_trace. right.
  replace (fun k c => skip X m P k c + t * \sum_(j < m) (v j c * feature X P k j) - skip X m P k c)
    with (fun k c => t * \sum_(j < m) (v j c * feature X P k j)) by (apply matrix_ext; intros; ring).
  replace (fun k b => reading X m P k b + t * \sum_(j < m) (a j b * feature X P k j) - reading X m P k b)
    with (fun k b => t * \sum_(j < m) (a j b * feature X P k j)) by (apply matrix_ext; intros; ring).
  rewrite !l2norm_scal_pos by easy. ring.
Qed.

(** "The first term is exact: with Lambda = 0, ||f_t - f_0|| = t D" *)
Theorem RM_exact P v a t : branch_gain X B P 0 -> 0 <= t ->
  fnorm X (fun k c => parallel X m B (lin t P (moved P v a)) k c - parallel X m B P k c) = t * measured 0 P v a.
Proof.
  intros H0 Ht. unfold measured. rewrite Rmult_0_l, Rplus_0_r, sqrt_trace, <- l2norm_scal_pos by easy.
  apply Rle_antisym.
  - pose proof (RM_measured 0 P v a t H0 Ht) as H. unfold measured in H.
    now rewrite Rmult_0_l, Rplus_0_r, sqrt_trace, <- l2norm_scal_pos in H by easy.
  - set (P' := lin t P (moved P v a)).
    (* V z moves by no more than the output and the branch together, and the branch does not move *)
    set (R0 := make (W P') (V P) (A P') (U P') (Q P')).
    assert (EU : U P' = U P) by (apply matrix_ext; intros; unfold P', moved; entries; ring).
    assert (EQ : Q P' = Q P).
    { apply functional_extensionality; intros d. apply matrix_ext; intros; unfold P', moved; entries; ring. }
    assert (EW : W P' = W P) by (apply matrix_ext; intros; unfold P', moved; entries; ring).
    pose proof (parallel_move X m B P R0 0 H0 EU EQ) as Hb.
    assert (Es : skip X m R0 = skip X m P).
    { apply matrix_ext; intros k c. apply lsum_ext; intros j _. f_equal. apply feature_ext; intros i.
      change (W R0 j i) with (W P' j i). now rewrite EW. }
    rewrite Es in Hb. rewrite (l2norm_zero X (outputs X) (fun k c => skip X m P k c - skip X m P k c)) in Hb
      by (intros; ring). rewrite Rmult_0_l, Rplus_0_r in Hb.
    assert (Ed : forall k c, deep X m B R0 k c = deep X m B P' k c).
    { intros k c. apply deep_ext; intros; easy. }
    apply Rle_trans with (fnorm X (fun k c => (parallel X m B P' k c - parallel X m B P k c)
      + - (parallel X m B R0 k c - parallel X m B P k c))).
    + right. unfold fnorm. f_equal. apply matrix_ext; intros k c. unfold parallel. rewrite Ed, Es.
      unfold P'. rewrite moved_skip. ring.
    + eapply Rle_trans; [apply l2norm_triangle|]. rewrite l2norm_opp. unfold fnorm in *. lra.
Qed.

(** "D <= D(J) where it is L3's one-segment form" *)
Theorem RM_merge sigma lam l P J ctr cf : moment X sigma -> 0 <= lam -> admissible m l J ctr cf ->
  let T := transfer P J ctr cf in
  moved P (fun j c => V T j c - V P j c) (fun j a => A T j a - A P j a) = T /\
  measured lam P (fun j c => V T j c - V P j c) (fun j a => A T j a - A P j a) <= deviation X B sigma lam P J ctr cf.
Proof.
  intros Hs Hlam Ha T. pose proof Ha as [(HN & _ & HJ) [Hc Hcf]]. split.
  { apply param_ext; intros; unfold moved, T, transfer, give; entries; ring. }
  set (dz := fun j k => cf j * feature X P k (ctr j) - feature X P k j).
  assert (Hdz : forall j, In j J ->
    pnorm X (dz j) <= sigma * enorm (seen X) (fun i => W P j i - cf j * W P (ctr j) i)).
  { intros j Hj.
    eapply Rle_trans; [|now apply (moment_norm X sigma Hs (fun i => W P j i - cf j * W P (ctr j) i))].
    apply wnorm_mono; [apply weight_nonneg|]. intros k _. unfold dz, feature.
    rewrite <- L1a_homogeneous, <- dot_scal by auto. eapply Rle_trans; [apply L1b_lipschitz|]. right.
    rewrite Rabs_minus_sym. f_equal. unfold dot. rewrite <- lsum_minus. apply lsum_ext; intros; ring. }
  assert (Hsum : forall n (M : matrix), sqrt (trace_form n (fun j a => hand J (single ctr cf) M j a - M j a)
      (second_moment P)) <= \sum_(j in J) (enorm n (M j) * pnorm X (dz j))).
  { intros n M. rewrite sqrt_trace. eapply Rle_trans; [|apply (l2norm_rank1_sum X n J dz M)]. right. f_equal.
    apply matrix_ext; intros k a.
    pose proof (hand_sum m J (single ctr cf) M (feature X P k) a 1 HN HJ) as E. rewrite Rmult_1_l in E.
    rewrite <- lsum_minus in E. transitivity (\sum_(i < m) (((1 - 1) * M i a + 1 * hand J (single ctr cf) M i a)
      * feature X P k i - M i a * feature X P k i)); [apply lsum_ext; intros; ring|]. rewrite E.
    apply lsum_ext; intros j Hj. rewrite single_sum by (apply Hc; easy). easy. }
  unfold measured. eapply Rle_trans; [apply Rplus_le_compat; [apply (Hsum _ (V P))|
    apply Rmult_le_compat_l; [exact Hlam | apply (Hsum _ (A P))]]|].
  rewrite <- lsum_scal, <- lsum_plus. unfold deviation. rewrite <- lsum_scal. apply lsum_le; intros j Hj.
  assert (HC : 0 <= enorm (outputs X) (V P j) + lam * enorm (branch_in B) (A P j)).
  { apply Rplus_le_le_0_compat; [apply enorm_nonneg|]. apply Rmult_le_pos; [easy | apply enorm_nonneg]. }
  pose proof (Rmult_le_compat_l _ _ _ HC (Hdz j Hj)). lra.
Qed.
End Measured.
