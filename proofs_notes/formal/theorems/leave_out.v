(** R9 [ours] (blueprint-2, section 3), what its refit costs: with V optimal and no branch that reads slot j, the other
    V take over from V_j at the price ||V_j||^2/[Gram^-1]_jj, the least that emptying slot j can cost, never more than
    ||h_j||^2; and C7 with it.

    Definitions: [gram], E z_i z_k; [column], x is column j of the inverse of the Gram matrix, so that x_j is its
    diagonal entry; [without], the refit without slot j, made of x.
    Statements: C7, R9. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import readout losses slots smooth draw.
From Skipscape.theorems Require Import optimal one_slot.
Import ListNotations.
Open Scope R_scope.

Section LeaveOut.
Variables (X : data) (m : nat) (B : branch).
Notation net := (parallel X m B).
Notation loss P := (squared X (net P)).
Notation h P j := (unit_effect X (W P) (V P) j).

Definition gram (P : param) (i k : nat) : R := \sum_(x < points X) (weight X x * (feature X P x i * feature X P x k)).
Definition without (x : vector) (j : nat) (P : param) : param :=
  make (W P) (fun i c => if Nat.eqb j i then 0 else V P i c - x i / x j * V P j c)
    (fun i a => if Nat.eqb j i then 0 else A P i a) (U P) (Q P).
(** "Gram = E z z^T invertible": only its column j is used, and x_j = [Gram^-1]_jj *)
Definition column (P : param) (x : vector) (j : nat) : Prop :=
  forall i, (i < m)%nat -> \sum_(k < m) (gram P i k * x k) = if Nat.eqb i j then 1 else 0.

Lemma gram_form P (x y : vector) : \sum_(k < points X) (weight X k *
    (\sum_(i < m) (x i * feature X P k i) * \sum_(i < m) (y i * feature X P k i)))
  = \sum_(i < m) (y i * \sum_(k < m) (gram P i k * x k)).
Proof.
  rewrite (lsum_ext _ _ (fun k => \sum_(i < m) (y i * \sum_(n < m) (weight X k * (feature X P k i * feature X P k n) *
    x n)))).
  - rewrite lsum_swap. apply lsum_ext; intros i _. rewrite lsum_scal. f_equal. rewrite lsum_swap.
    apply lsum_ext; intros n _.
    unfold gram. now rewrite lsum_scal_r.
  - intros k _. set (z := \sum_(i < m) (x i * feature X P k i)).
    transitivity ((weight X k * z) * \sum_(i < m) (y i * feature X P k i)); [ring|].
    + rewrite <- lsum_scal. apply lsum_ext; intros i _.
      rewrite (lsum_ext _ (fun n => weight X k * _ * x n) (fun n => (weight X k * feature X P k i) * (x n * feature X
        P k n)))
        by (intros; ring).
      rewrite lsum_scal. unfold z. ring.
Qed.

Lemma column_form P x j y : (j < m)%nat -> column P x j -> \sum_(k < points X) (weight X k *
    (\sum_(i < m) (x i * feature X P k i) * \sum_(i < m) (y i * feature X P k i))) = y j.
Proof.
  intros Hj Hx. rewrite gram_form, (lsum_ext _ _ (fun i => if Nat.eqb j i then y i else 0)).
  - now apply lsum_delta.
  - intros i Hi. apply in_rng in Hi. rewrite Hx by easy. rewrite Nat.eqb_sym. destruct (Nat.eqb j i); ring.
Qed.

Lemma column_positive P x j : (j < m)%nat -> column P x j -> 0 < x j.
Proof.
  intros Hj Hx. set (z := fun k => \sum_(i < m) (x i * feature X P k i)).
  assert (E : \sum_(k < points X) (weight X k * (z k * z k)) = x j) by exact (column_form P x j x Hj Hx).
  assert (H0 : 0 <= x j).
  { rewrite <- E. apply lsum_nonneg; intros. apply Rmult_le_pos; [apply weight_nonneg | nra]. }
  destruct H0 as [H0|H0]; [easy|]. exfalso. rewrite <- H0 in E.
  (* then x is 0 as a function, and the Gram matrix sends it to 0 *)
  assert (Hz : pnorm X z = 0).
  { unfold pnorm, wnorm. rewrite (lsum_ext _ _ (fun k => weight X k * (z k * z k))) by (intros; ring).
    now rewrite E, sqrt_0. }
  pose proof (column_form P x j (fun i => if Nat.eqb j i then 1 else 0) Hj Hx) as E1. cbv beta in E1.
  rewrite Nat.eqb_refl in E1.
  pose proof (Cauchy_Schwarz (seq 0 (points X)) (weight X) (weight_nonneg X) z
    (fun k => \sum_(i < m) ((if Nat.eqb j i then 1 else 0) * feature X P k i))) as H.
  fold (pnorm X z) in H. rewrite Hz, Rmult_0_l in H.
  assert (1 <= 0) by (rewrite <- E1; exact H). lra.
Qed.

(** what a change of V costs at an optimal V: exactly the norm of what is added *)
Lemma optimal_change P v : optimal_readout X m B P -> loss (readout P v (U P))
  = loss P + (fnorm X (fun k c => \sum_(j < m) ((v j c - V P j c) * feature X P k j)))^2.
Proof.
  intros Ho. set (g := fun k c => \sum_(j < m) ((v j c - V P j c) * feature X P k j)).
  replace (net (readout P v (U P))) with (fun k c => net P k c + 1 * g k c).
  - rewrite squared_shift. unfold g at 1. rewrite (optimal_orthogonal X m B P (fun j c => v j c - V P j c) Ho). ring.
  - apply matrix_ext; intros k c. unfold parallel, skip, g. rewrite V_readout.
    change (deep X m B (readout P v (U P)) k c) with (deep X m B P k c).
    rewrite (lsum_ext _ (fun j => v j c * _) (fun j => V P j c * feature X P k j + (v j c - V P j c) * feature X P k j))
      by (intros; rewrite feature_readout; ring). rewrite lsum_plus. ring.
Qed.

Lemma without_cost P x j : (j < m)%nat -> column P x j ->
  (fnorm X (fun k c => \sum_(i < m) ((V (without x j P) i c - V P i c) * feature X P k i)))^2
  = (enorm (outputs X) (V P j))^2 / x j.
Proof.
  intros Hj Hx. pose proof (column_positive P x j Hj Hx) as Hp.
  set (z := fun k => \sum_(i < m) (x i * feature X P k i)).
  replace (fun k c => \sum_(i < m) ((V (without x j P) i c - V P i c) * feature X P k i))
    with (fun k c => - / x j * (V P j c * z k)).
  - rewrite fnorm_scal. unfold fnorm. rewrite l2norm_sq.
    assert (E : \sum_(k < points X) (weight X k * (z k * z k)) = x j) by exact (column_form P x j x Hj Hx).
    rewrite (lsum_ext _ _ (fun k => (enorm (outputs X) (V P j))^2 * (weight X k * (z k * z k)))).
    + rewrite lsum_scal, E. field. lra.
    + intros k _. rewrite enorm_sq. rewrite (lsum_ext _ _ (fun c => (V P j c)^2 * (z k)^2)) by (intros; ring).
      rewrite lsum_scal_r. ring.
  - apply matrix_ext; intros k c. unfold z. symmetry.
    rewrite (lsum_ext _ _ (fun i => (- / x j * V P j c) * (x i * feature X P k i))).
    + rewrite lsum_scal. ring.
    + intros i _. change (V (without x j P) i c) with (if Nat.eqb j i then 0 else V P i c - x i / x j * V P j c).
      destruct (Nat.eqb_spec j i) as [<-|Hne]; field; lra.
Qed.

(** "leave-one-out refit ||V_j||^2/[Gram^-1]_jj <= ||h_j||^2 with V optimal": it is the least that emptying j can cost
  *)
Theorem R9_refit P x j : (j < m)%nat -> column P x j -> optimal_readout X m B P ->
  0 < x j /\ loss (readout P (V (without x j P)) (U P)) = loss P + (enorm (outputs X) (V P j))^2 / x j /\
  (forall v, (forall c, v j c = 0) -> loss P + (enorm (outputs X) (V P j))^2 / x j <= loss (readout P v (U P))) /\
  (enorm (outputs X) (V P j))^2 / x j <= (fnorm X (h P j))^2.
Proof.
  intros Hj Hx Ho. pose proof (column_positive P x j Hj Hx) as Hp.
  assert (Hleast : forall v, (forall c, v j c = 0) -> (enorm (outputs X) (V P j))^2 / x j
    <= (fnorm X (fun k c => \sum_(i < m) ((v i c - V P i c) * feature X P k i)))^2).
  { intros v Hv. apply (Rmult_le_reg_r (x j)); [easy|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    rewrite enorm_sq. unfold fnorm. rewrite l2norm_sq.
    rewrite (lsum_ext _ (fun k => weight X k * _) (fun k => \sum_(c < outputs X)
      (weight X k * (\sum_(i < m) ((v i c - V P i c) * feature X P k i))^2))) by (intros; now rewrite lsum_scal).
    rewrite lsum_swap, <- lsum_scal_r. apply lsum_le; intros c _.
    set (z := fun k => \sum_(i < m) (x i * feature X P k i)).
    set (g := fun k => \sum_(i < m) ((v i c - V P i c) * feature X P k i)).
    pose proof (column_form P x j (fun i => v i c - V P i c) Hj Hx) as Eg. cbv beta in Eg. rewrite Hv in Eg.
    fold z in Eg.
    pose proof (column_form P x j x Hj Hx) as Ez.
    assert (Ez' : (pnorm X z)^2 = x j).
    { unfold pnorm. rewrite wnorm_sq by apply weight_nonneg. rewrite <- Ez. apply lsum_ext; intros; unfold z; ring. }
    assert (Eg' : (pnorm X g)^2 = \sum_(k < points X) (weight X k * (g k)^2)) by (apply wnorm_sq, weight_nonneg).
    change ((V P j c)^2 <= (\sum_(k < points X) (weight X k * (g k)^2)) * x j). rewrite <- Eg', <- Ez'.
    pose proof (Cauchy_Schwarz (seq 0 (points X)) (weight X) (weight_nonneg X) z (fun k => - g k)) as H.
    rewrite (wnorm_opp _ _ g) in H. fold (pnorm X z) (pnorm X g) in H.
    rewrite (lsum_ext _ _ (fun k => (-1) * (weight X k * (z k * g k)))) in H by (intros; ring). rewrite lsum_scal in H.
    pose proof (Cauchy_Schwarz (seq 0 (points X)) (weight X) (weight_nonneg X) z g) as H'.
    fold (pnorm X z) (pnorm X g) in H'.
    assert (Eg2 : \sum_(k < points X) (weight X k * (z k * g k)) = 0 - V P j c) by exact Eg.
    rewrite Eg2 in H, H'. replace ((pnorm X g)^2 * (pnorm X z)^2) with ((pnorm X z * pnorm X g)^2) by ring.
    apply pow_maj_Rabs. unfold Rabs. destruct Rcase_abs; lra. }
  split; [easy|]. split; [|split].
  - rewrite optimal_change, without_cost by easy. easy.
  - intros v Hv. rewrite optimal_change by easy. pose proof (Hleast v Hv). lra.
  - eapply Rle_trans; [apply (Hleast (fun i c => if Nat.eqb j i then 0 else V P i c)); intros;
      now rewrite Nat.eqb_refl|].
    right. replace (h P j) with (fun k c => (-1) * ((-1) * h P j k c)) by (apply matrix_ext; intros; ring).
    rewrite fnorm_scal.
    replace ((-1)^2) with 1 by ring. rewrite Rmult_1_l. do 2 f_equal. apply matrix_ext; intros k c.
    rewrite (lsum_ext _ _ (fun i => if Nat.eqb j i then - 1 * h P i k c else 0)).
    + now rewrite (lsum_delta m j (fun i => - 1 * h P i k c)).
    + intros i _. unfold unit_effect, feature. destruct (Nat.eqb j i); ring.
Qed.

(** C7 with R9's refit, at any theta: where V is not optimal the depth is 0 *)
Theorem C7_refit l w v P x j K : branch_gain X B P 0 -> (j < m)%nat -> column P x j ->
  variance X l w v <= K^2 -> 0 <= K -> let d := enorm (outputs X) (V P j) / sqrt (x j) in
  K * d < loss P - sqrt (loss P * squared X (two_layer X l w v)) ->
  depth_at_most (fun P => loss P) P ((enorm (outputs X) (V P j))^2 / x j).
Proof.
  intros Hgain Hj Hx Hv HK d Hthr. pose proof (column_positive P x j Hj Hx) as Hp.
  assert (Hrt : 0 < sqrt (x j)) by (now apply sqrt_lt_R0).
  assert (Hd2 : (enorm (outputs X) (V P j))^2 / x j = d^2).
  { unfold d, Rdiv. rewrite Rpow_mult_distr, pow_inv, pow2_sqrt by lra. ring. }
  rewrite Hd2. destruct (optimal_or_better X m B P) as [Ho|(v' & Hb)];
    [|apply (depth_at_most_mono _ P 0); [apply pow2_ge_0 | now apply (readout_descent X m B P v' (U P))]].
  assert (Hmove : forall t, loss (lin t P (without x j P)) <= loss P + t^2 * d^2).
  { intros t. pose proof (optimal_move X m B P (without x j P) t Hgain Ho eq_refl eq_refl eq_refl) as H.
    rewrite (without_cost P x j Hj Hx), Hd2 in H. exact H. }
  replace (d^2) with ((loss P + d^2) - loss P) by ring.
  apply (T7_threshold X m B l w v P (without x j P) j (loss P + d^2) K d Hj); try easy.
  - apply joined_line. intros t Ht. unfold sublevel. eapply Rle_trans; [apply Hmove|].
    pose proof (pow2_ge_0 d). assert (t^2 <= 1) by nra. nra.
  - intros i [<-|[]]. split; intros; unfold without; entries; now rewrite Nat.eqb_refl.
  - pose proof (Hmove 1) as H. rewrite lin_1 in H. lra.
  - apply Rmult_le_pos; [apply enorm_nonneg | left; now apply Rinv_0_lt_compat].
Qed.
End LeaveOut.
