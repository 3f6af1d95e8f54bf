(** Weighted Euclidean norms, Cauchy-Schwarz, Minkowski. Everything the project measures is one of these norms: the
    law P is a weight on finitely many points (blueprint, section 0), so L2(P) norms, Euclidean norms and Frobenius
    norms are all [wnorm].

    Definitions: [wnorm], the square root of the sum of p_i a_i^2 over a list of indices i, with weights p_i >= 0;
    [enorm], the Euclidean norm of the first n entries of a vector.
    Statements: none; Cauchy_Schwarz and Minkowski are classical. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums.
Import ListNotations.
Open Scope R_scope.

(** * The weighted Euclidean norm *)

Definition wnorm {I : Type} (l : list I) (p : I -> R) (a : I -> R) : R :=
  sqrt (lsum l (fun i => p i * (a i)^2)).

Lemma one_nonneg {I : Type} : forall _ : I, 0 <= 1.
Proof. intros; lra. Qed.

Section Norm.
Context {I : Type} (l : list I) (p : I -> R).
Hypothesis Hp : forall i, 0 <= p i.
Implicit Types a b : I -> R.

Lemma sq_nonneg a : 0 <= lsum l (fun i => p i * (a i)^2).
Proof. apply lsum_nonneg; intros i _. pose proof (Hp i). nra. Qed.

Lemma wnorm_nonneg a : 0 <= wnorm l p a.
Proof. apply sqrt_pos. Qed.

Lemma wnorm_sq a : (wnorm l p a)^2 = lsum l (fun i => p i * (a i)^2).
Proof. unfold wnorm. rewrite pow2_sqrt; [easy | apply sq_nonneg]. Qed.

Lemma wnorm_ext a b : (forall i, In i l -> a i = b i) -> wnorm l p a = wnorm l p b.
Proof. intros H. unfold wnorm. f_equal. apply lsum_ext; intros i Hi. now rewrite H. Qed.

Lemma wnorm_le_sq a s : 0 <= s -> lsum l (fun i => p i * (a i)^2) <= s^2 -> wnorm l p a <= s.
Proof.
  intros Hs H. unfold wnorm. rewrite <- (sqrt_pow2 s Hs). now apply sqrt_le_1_alt.
Qed.

Lemma wnorm_mono a b : (forall i, In i l -> Rabs (a i) <= Rabs (b i)) -> wnorm l p a <= wnorm l p b.
Proof.
  intros H. unfold wnorm. apply sqrt_le_1_alt, lsum_le. intros i Hi.
  apply Rmult_le_compat_l; [apply Hp|].
  rewrite <- (pow2_abs (a i)), <- (pow2_abs (b i)). apply pow_incr; split; [apply Rabs_pos | auto].
Qed.

Lemma wnorm_scal c a : wnorm l p (fun i => c * a i) = Rabs c * wnorm l p a.
Proof.
  unfold wnorm. rewrite (lsum_ext l _ (fun i => c^2 * (p i * (a i)^2))) by (intros; ring).
  rewrite lsum_scal, sqrt_mult_alt by nra. f_equal.
  rewrite <- pow2_abs. apply sqrt_pow2, Rabs_pos.
Qed.

Lemma wnorm_scal_pos c a : 0 <= c -> wnorm l p (fun i => c * a i) = c * wnorm l p a.
Proof. intros Hc. rewrite wnorm_scal, Rabs_right by lra. easy. Qed.

Lemma wnorm_zero a : (forall i, In i l -> a i = 0) -> wnorm l p a = 0.
Proof.
  intros H. unfold wnorm. rewrite lsum_zero, sqrt_0; [easy|]. intros i Hi. rewrite H by easy. ring.
Qed.

Theorem Cauchy_Schwarz a b :
  lsum l (fun i => p i * (a i * b i)) <= wnorm l p a * wnorm l p b.
Proof.
  set (A := lsum l (fun i => p i * (a i)^2)).
  set (B := lsum l (fun i => p i * (b i)^2)).
  set (C := lsum l (fun i => p i * (a i * b i))).
  assert (Q : forall s, 0 <= A + 2 * s * C + s^2 * B).
  { intros s. replace (A + 2 * s * C + s^2 * B)
      with (lsum l (fun i => p i * (a i + s * b i)^2)).
    - apply lsum_nonneg; intros i _. apply Rmult_le_pos; [apply Hp | apply pow2_ge_0].
    - unfold A, B, C. rewrite <- !lsum_scal, <- !lsum_plus. apply lsum_ext; intros; ring. }
  assert (HA : 0 <= A) by apply sq_nonneg.
  assert (HB : 0 <= B) by apply sq_nonneg.
  assert (HC : C^2 <= A * B).
  { clearbody A B C. destruct (Req_dec B 0) as [E|E].
    - subst B. destruct (Req_dec C 0) as [F|F]; [subst C; lra|].
      pose proof (Q (- (A + 1) / (2 * C))) as H.
      replace (A + 2 * (- (A + 1) / (2 * C)) * C + (- (A + 1) / (2 * C))^2 * 0) with (-1) in H
        by (field; easy).
      lra.
    - assert (HB' : 0 < B) by lra. pose proof (Q (- C / B)) as H.
      replace (A + 2 * (- C / B) * C + (- C / B)^2 * B) with (A - C^2 / B) in H by (field; easy).
      assert (H' : C^2 / B <= A) by lra.
      apply (Rmult_le_compat_r B) in H'; [|lra]. unfold Rdiv in H'.
      rewrite Rmult_assoc, Rinv_l, Rmult_1_r in H'; lra. }
  unfold wnorm. fold A B. rewrite <- sqrt_mult by easy.
  destruct (Rle_dec C 0) as [n|n]; [pose proof (sqrt_pos (A * B)); lra|].
  rewrite <- (sqrt_pow2 C) by lra. now apply sqrt_le_1_alt.
Qed.

Theorem Minkowski a b : wnorm l p (fun i => a i + b i) <= wnorm l p a + wnorm l p b.
Proof.
  apply wnorm_le_sq.
  - pose proof (wnorm_nonneg a); pose proof (wnorm_nonneg b); lra.
  - rewrite (lsum_ext l _ (fun i => p i * (a i)^2 + 2 * (p i * (a i * b i)) + p i * (b i)^2))
      by (intros; ring).
    rewrite !lsum_plus, lsum_scal, <- !wnorm_sq. pose proof (Cauchy_Schwarz a b). nra.
Qed.

Lemma wnorm_opp a : wnorm l p (fun i => - a i) = wnorm l p a.
Proof.
  rewrite (wnorm_ext _ (fun i => (-1) * a i)) by (intros; ring).
  rewrite wnorm_scal, Rabs_left by lra. ring.
Qed.

Lemma wnorm_minus_sym a b : wnorm l p (fun i => a i - b i) = wnorm l p (fun i => b i - a i).
Proof. rewrite <- wnorm_opp. apply wnorm_ext; intros; ring. Qed.

Lemma wnorm_sum {K : Type} (J : list K) (F : K -> I -> R) :
  wnorm l p (fun i => lsum J (fun j => F j i)) <= lsum J (fun j => wnorm l p (F j)).
Proof.
  induction J as [|j r IH]; simpl.
  - rewrite wnorm_zero; [lra|easy].
  - eapply Rle_trans; [apply Minkowski|]. lra.
Qed.

(** the norm is convex along a straight line *)
Lemma wnorm_convex t a b : 0 <= t <= 1 ->
  wnorm l p (fun i => (1 - t) * a i + t * b i) <= (1 - t) * wnorm l p a + t * wnorm l p b.
Proof.
  intros Ht. eapply Rle_trans; [apply Minkowski|].
  rewrite !wnorm_scal_pos by lra. lra.
Qed.
End Norm.

(** a rank-one array: the norm of (i, c) |-> v c * a i *)
Lemma wnorm_rank1 {I K : Type} (l : list I) (l' : list K) p a v :
  (forall i, 0 <= p i) ->
  wnorm (list_prod l l') (fun ic => p (fst ic)) (fun ic => v (snd ic) * a (fst ic))
  = wnorm l' (fun _ => 1) v * wnorm l p a.
Proof.
  intros Hp. unfold wnorm. rewrite <- sqrt_mult_alt.
  - f_equal. rewrite lsum_prod, <- lsum_scal. apply lsum_ext; intros i _; simpl.
    rewrite <- lsum_scal_r. apply lsum_ext; intros; ring.
  - apply lsum_nonneg; intros; nra.
Qed.

(** Cauchy-Schwarz for unweighted sums, squared *)
Lemma Cauchy_Schwarz_sq {I : Type} (l : list I) (a b : I -> R) :
  (lsum l (fun i => a i * b i))^2 <= lsum l (fun i => (a i)^2) * lsum l (fun i => (b i)^2).
Proof.
  pose proof (Cauchy_Schwarz l (fun _ => 1) one_nonneg a b) as H.
  pose proof (Cauchy_Schwarz l (fun _ => 1) one_nonneg a (fun i => - b i)) as H'.
  rewrite wnorm_opp in H'. cbv beta in H, H'.
  assert (E : forall c, lsum l (fun i => 1 * (c i)^2) = lsum l (fun i => (c i)^2))
    by (intros; apply lsum_ext; intros; ring).
  rewrite <- !E, <- !wnorm_sq by apply one_nonneg.
  rewrite (lsum_ext l (fun i => 1 * (a i * b i)) (fun i => a i * b i)) in H by (intros; ring).
  rewrite (lsum_ext l (fun i => 1 * (a i * - b i)) (fun i => (-1) * (a i * b i))) in H' by (intros; ring).
  rewrite lsum_scal in H'.
  pose proof (wnorm_nonneg l (fun _ : I => 1) a). pose proof (wnorm_nonneg l (fun _ : I => 1) b).
  set (s := lsum l (fun i => a i * b i)) in *. rewrite <- Rpow_mult_distr.
  apply pow_maj_Rabs. unfold Rabs. destruct Rcase_abs; lra.
Qed.

(** * The Euclidean norm of R^n *)

Definition enorm (n : nat) (v : nat -> R) : R := wnorm (seq 0 n) (fun _ => 1) v.

Lemma enorm_nonneg n v : 0 <= enorm n v.
Proof. apply wnorm_nonneg. Qed.

Lemma enorm_sq n v : (enorm n v)^2 = \sum_(i < n) (v i)^2.
Proof.
  unfold enorm. rewrite wnorm_sq by apply one_nonneg. apply lsum_ext; intros; ring.
Qed.

Lemma enorm_ext n v w : (forall i, (i < n)%nat -> v i = w i) -> enorm n v = enorm n w.
Proof. intros H. apply wnorm_ext. intros i Hi. apply H. now apply in_rng. Qed.

Lemma enorm_zero n v : (forall i, (i < n)%nat -> v i = 0) -> enorm n v = 0.
Proof. intros H. apply wnorm_zero. intros i Hi. apply H. now apply in_rng. Qed.

Lemma enorm_scal_pos n c v : 0 <= c -> enorm n (fun i => c * v i) = c * enorm n v.
Proof. apply wnorm_scal_pos. Qed.

Lemma enorm_triangle n v w : enorm n (fun i => v i + w i) <= enorm n v + enorm n w.
Proof. apply Minkowski, one_nonneg. Qed.

Lemma enorm_convex n t v w : 0 <= t <= 1 ->
  enorm n (fun i => (1 - t) * v i + t * w i) <= (1 - t) * enorm n v + t * enorm n w.
Proof. apply wnorm_convex, one_nonneg. Qed.

Lemma enorm_entry n v i : (i < n)%nat -> Rabs (v i) <= enorm n v.
Proof.
  intros Hi. apply Rsqr_incr_0; [|apply Rabs_pos | apply enorm_nonneg].
  rewrite !Rsqr_pow2, pow2_abs, enorm_sq.
  apply (lsum_term (seq 0 n) (fun i => (v i)^2)); [intros; apply pow2_ge_0 | now apply in_rng].
Qed.

Lemma inner_le_norms n v w : \sum_(i < n) (v i * w i) <= enorm n v * enorm n w.
Proof.
  pose proof (Cauchy_Schwarz (seq 0 n) (fun _ => 1) one_nonneg v w) as H. cbv beta in H.
  rewrite (lsum_ext _ _ (fun i => v i * w i)) in H by (intros; ring). exact H.
Qed.
