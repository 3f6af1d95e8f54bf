(** Finite sums over a list of indices, the weighted Euclidean norm, Cauchy-Schwarz, Minkowski.

    Everything the project measures is one of these: the law P is a weight on finitely many points
    (blueprint, section 0), so L2(P) norms, Euclidean norms and Frobenius norms are all [wnorm]. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
Import ListNotations.
Open Scope R_scope.

Fixpoint lsum {I : Type} (l : list I) (f : I -> R) : R :=
  match l with
  | nil => 0
  | i :: r => f i + lsum r f
  end.

Notation "\sum_ ( i < n ) E" := (lsum (seq 0 n) (fun i : nat => E))
  (at level 35, E at level 35, i binder, n at level 10, format "\sum_ ( i  <  n )  E").
Notation "\sum_ ( i 'in' l ) E" := (lsum l (fun i => E))
  (at level 35, E at level 35, i binder, l at level 10, format "\sum_ ( i  'in'  l )  E").

Section Sums.
Context {I : Type}.
Implicit Types (l : list I) (f g : I -> R).

Lemma lsum_ext l f g : (forall i, In i l -> f i = g i) -> lsum l f = lsum l g.
Proof.
  induction l as [|i r IH]; simpl; intros H; [easy|].
  rewrite (H i), IH; auto.
Qed.

Lemma lsum_plus l f g : lsum l (fun i => f i + g i) = lsum l f + lsum l g.
Proof. induction l as [|i r IH]; simpl; [|rewrite IH]; lra. Qed.

Lemma lsum_minus l f g : lsum l (fun i => f i - g i) = lsum l f - lsum l g.
Proof. induction l as [|i r IH]; simpl; [|rewrite IH]; lra. Qed.

Lemma lsum_scal l c f : lsum l (fun i => c * f i) = c * lsum l f.
Proof. induction l as [|i r IH]; simpl; [|rewrite IH]; lra. Qed.

Lemma lsum_scal_r l c f : lsum l (fun i => f i * c) = lsum l f * c.
Proof. induction l as [|i r IH]; simpl; [|rewrite IH]; lra. Qed.

(** the sum along a straight line *)
Lemma lsum_lin l t f g :
  lsum l (fun i => (1 - t) * f i + t * g i) = (1 - t) * lsum l f + t * lsum l g.
Proof. now rewrite lsum_plus, !lsum_scal. Qed.

Lemma lsum_zero l f : (forall i, In i l -> f i = 0) -> lsum l f = 0.
Proof.
  induction l as [|i r IH]; simpl; intros H; [easy|].
  rewrite (H i), IH; auto; lra.
Qed.

Lemma lsum_le l f g : (forall i, In i l -> f i <= g i) -> lsum l f <= lsum l g.
Proof.
  induction l as [|i r IH]; simpl; intros H; [lra|].
  pose proof (H i (or_introl eq_refl)). assert (lsum r f <= lsum r g) by auto. lra.
Qed.

Lemma lsum_nonneg l f : (forall i, In i l -> 0 <= f i) -> 0 <= lsum l f.
Proof.
  intros H. rewrite <- (lsum_zero l (fun _ => 0)) by easy. now apply lsum_le.
Qed.

(** one term is at most a sum of nonnegative terms *)
Lemma lsum_term l f i : (forall j, In j l -> 0 <= f j) -> In i l -> f i <= lsum l f.
Proof.
  induction l as [|a r IH]; simpl; intros H Hi; [easy|].
  pose proof (H a (or_introl eq_refl)) as Ha.
  assert (Hr : 0 <= lsum r f) by (apply lsum_nonneg; auto).
  destruct Hi as [<-|Hi]; [lra|]. specialize (IH (fun j Hj => H j (or_intror Hj)) Hi). lra.
Qed.

Lemma lsum_app l1 l2 f : lsum (l1 ++ l2) f = lsum l1 f + lsum l2 f.
Proof. induction l1 as [|i r IH]; simpl; [|rewrite IH]; lra. Qed.

Lemma lsum_perm l1 l2 f : Permutation l1 l2 -> lsum l1 f = lsum l2 f.
Proof. induction 1; simpl; lra. Qed.

Lemma lsum_filter l (b : I -> bool) f :
  lsum l (fun i => if b i then f i else 0) = lsum (filter b l) f.
Proof.
  induction l as [|i r IH]; simpl; [easy|].
  rewrite IH; destruct (b i); simpl; lra.
Qed.

Lemma lsum_const l c : lsum l (fun _ => c) = INR (length l) * c.
Proof.
  induction l as [|i r IH]; [simpl; lra|].
  cbn [lsum length]. rewrite IH, S_INR. lra.
Qed.
End Sums.

Lemma lsum_map {I K : Type} (l : list I) (h : I -> K) (f : K -> R) :
  lsum (map h l) f = lsum l (fun i => f (h i)).
Proof. induction l as [|i r IH]; simpl; [easy|]. now rewrite IH. Qed.

Lemma lsum_swap {I K : Type} (l : list I) (l' : list K) (f : I -> K -> R) :
  lsum l (fun i => lsum l' (f i)) = lsum l' (fun k => lsum l (fun i => f i k)).
Proof.
  induction l as [|i r IH]; simpl.
  - now rewrite lsum_zero.
  - now rewrite IH, <- lsum_plus.
Qed.

Lemma lsum_prod {I K : Type} (l : list I) (l' : list K) (f : I * K -> R) :
  lsum (list_prod l l') f = lsum l (fun i => lsum l' (fun k => f (i, k))).
Proof.
  induction l as [|i r IH]; simpl; [easy|].
  now rewrite lsum_app, IH, lsum_map.
Qed.

(** * Sums over 0 .. m-1 and over a set of slots *)

Lemma in_rng j n : In j (seq 0 n) <-> (j < n)%nat.
Proof. rewrite in_seq. lia. Qed.

Definition mem (j : nat) (J : list nat) : bool := existsb (Nat.eqb j) J.

Lemma mem_In j J : mem j J = true <-> In j J.
Proof.
  unfold mem. rewrite existsb_exists. split.
  - intros (k & H & E). apply Nat.eqb_eq in E. now subst.
  - intros H. exists j. split; [easy | apply Nat.eqb_refl].
Qed.

Lemma mem_false j J : mem j J = false <-> ~ In j J.
Proof. rewrite <- mem_In. destruct (mem j J); intuition congruence. Qed.

Lemma lsum_mem m J F : NoDup J -> (forall j, In j J -> (j < m)%nat) ->
  \sum_(j < m) (if mem j J then F j else 0) = lsum J F.
Proof.
  intros HN HJ. rewrite lsum_filter. apply lsum_perm.
  apply NoDup_Permutation; [apply NoDup_filter, seq_NoDup | easy |].
  intros j. rewrite filter_In, mem_In, in_rng. split; [easy|]. intros H; auto.
Qed.

Lemma lsum_delta m a F : (a < m)%nat ->
  \sum_(i < m) (if Nat.eqb a i then F i else 0) = F a.
Proof.
  intros Ha. rewrite (lsum_ext _ _ (fun i => if mem i [a] then F i else 0)).
  - rewrite lsum_mem; simpl; [lra | repeat constructor; easy | intuition lia].
  - intros i _. simpl. rewrite (Nat.eqb_sym a i). now destruct (Nat.eqb i a).
Qed.

(** a sum over m slots, split into the slots of J and the others *)
Lemma lsum_split m J F : NoDup J -> (forall j, In j J -> (j < m)%nat) ->
  \sum_(j < m) F j = lsum J F + \sum_(j < m) (if mem j J then 0 else F j).
Proof.
  intros HN HJ. rewrite <- (lsum_mem m J F HN HJ), <- lsum_plus.
  apply lsum_ext; intros j _. destruct (mem j J); lra.
Qed.

(** a sum over a list, by positions *)
Lemma lsum_nth (L : list nat) (g : nat -> R) : lsum L g = \sum_(i < length L) (g (nth i L O)).
Proof.
  induction L as [|a L IH]; [easy|]. cbn [length seq lsum nth]. rewrite <- seq_shift, lsum_map, IH. easy.
Qed.

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
