(** L7 [fb] and L8 [ours] for each loss (blueprint, sections 0 and 1), on the outputs f at the data.

    Definitions: [max_at_ends], on a line of outputs the loss is at most its larger end; [tame], that and L8 with
    constant G; [convex], convex in the outputs; [on_data], looks at the outputs on the data alone; [probability],
    weights sum to 1; [mean_loss], the mean of a loss given sample by sample; [supported], in each output there is a
    supporting affine function of slope at most G; [convex_in_output], convex in one output; [of_output], looks at
    the p coordinates alone; [absolute], ||f - y||; [on_output], a function of output 0; [huber_fun], [huber],
    Huber's loss with delta; [hinge], [1 - y f]_+; [logistic], ln(1 + exp(-y f)); [cross_entropy], of the softmax
    with target y.
    Statements: L7, L8; L7_convex_loss also says of which losses R0, R6, T6, T4, T4b, T4+, T9, T9C, T9G and T9S speak. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu.
From Skipscape.networks Require Import networks.
Import ListNotations.
Open Scope R_scope.

Section Losses.
Variable X : data.

(** What T1 uses of a loss (or of its square root): L8 with constant G, and L7's "maximum at an end". *)
Definition max_at_ends (Phi : (nat -> vector) -> R) : Prop := forall f g t, 0 <= t <= 1 ->
  Phi (fun k c => (1 - t) * f k c + t * g k c) <= Rmax (Phi f) (Phi g).
Definition tame (G : R) (Phi : (nat -> vector) -> R) : Prop :=
  0 <= G /\ (forall f g, Phi f <= Phi g + G * fnorm X (fun k c => f k c - g k c)) /\ max_at_ends Phi.

Definition convex (Phi : (nat -> vector) -> R) : Prop := forall f g t, 0 <= t <= 1 ->
  Phi (fun k c => (1 - t) * f k c + t * g k c) <= (1 - t) * Phi f + t * Phi g.

(** a loss of the outputs on the data; what T4 needs of a loss besides its maximum at the ends *)
Definition on_data (Phi : (nat -> vector) -> R) : Prop := forall f g,
  (forall k c, (k < points X)%nat -> (c < outputs X)%nat -> f k c = g k c) -> Phi f = Phi g.

Lemma tame_on_data G Phi : tame G Phi -> on_data Phi.
Proof.
  intros (HG & HL8 & _) f g E.
  assert (H : forall a b, (forall k c, (k < points X)%nat -> (c < outputs X)%nat -> a k c = b k c) -> Phi a <= Phi b).
  { intros a b Hab. eapply Rle_trans; [apply (HL8 a b)|]. unfold fnorm.
    rewrite (l2norm_ext X _ _ (fun _ _ => 0)), l2norm_zero; [lra | easy|].
    intros k c Hk Hc. rewrite Hab by easy. ring. }
  apply Rle_antisym; apply H; [easy | intros; symmetry; now apply E].
Qed.

Lemma squared_on_data : on_data (squared X).
Proof. intros f g E. now apply squared_on_points. Qed.

(** below the chord, hence below the larger end *)
Lemma below_chord a b s t : 0 <= t <= 1 -> s <= (1 - t) * a + t * b -> s <= Rmax a b.
Proof.
  intros Ht H. pose proof (Rmax_l a b). pose proof (Rmax_r a b). nra.
Qed.

Lemma convex_max_at_ends Phi : convex Phi -> max_at_ends Phi.
Proof. intros H f g t Ht. apply (below_chord _ _ _ t Ht). now apply H. Qed.

(** * Squared error *)

Theorem L7_squared : convex (squared X).
Proof.
  intros f g t Ht. unfold squared. rewrite <- lsum_lin. apply lsum_le; intros k _.
  replace ((1 - t) * (weight X k * _) + t * (weight X k * _)) with
    (weight X k * ((1 - t) * \sum_(c < outputs X) (f k c - target X k c)^2
                   + t * \sum_(c < outputs X) (g k c - target X k c)^2)) by ring.
  apply Rmult_le_compat_l; [apply weight_nonneg|]. rewrite <- lsum_lin. apply lsum_le; intros c _.
  assert (0 <= t * (1 - t) * (f k c - g k c)^2) by (apply Rmult_le_pos; [nra | apply pow2_ge_0]). nra.
Qed.

Theorem L8_squared f g :
  sqrt (squared X (fun k c => f k c + g k c)) <= sqrt (squared X f) + fnorm X g.
Proof.
  rewrite !sqrt_squared.
  replace (fun k c => f k c + g k c - target X k c) with (fun k c => (f k c - target X k c) + g k c)
    by (apply matrix_ext; intros; ring).
  apply l2norm_triangle.
Qed.

(** "also for sqrt F": b stands for kappa S *)
Lemma sqrt_shift a b d : 0 <= a -> 0 <= b -> 0 <= d -> sqrt ((a + d)^2 + b) <= sqrt (a^2 + b) + d.
Proof.
  intros Ha Hb Hd. set (s := sqrt (a^2 + b)).
  assert (Hs : s^2 = a^2 + b) by (apply pow2_sqrt; nra).
  assert (Has : a <= s).
  { rewrite <- (sqrt_pow2 a Ha). apply sqrt_le_1_alt. lra. }
  assert (H0 : 0 <= s) by apply sqrt_pos.
  rewrite <- (sqrt_pow2 (s + d)) by lra. apply sqrt_le_1_alt. nra.
Qed.

Theorem L8_regularised f g b : 0 <= b ->
  sqrt (squared X (fun k c => f k c + g k c) + b) <= sqrt (squared X f + b) + fnorm X g.
Proof.
  intros Hb. eapply Rle_trans; [|rewrite squared_norm; apply sqrt_shift; auto using fnorm_nonneg].
  apply sqrt_le_1_alt, Rplus_le_compat_r. rewrite squared_norm. apply pow_incr.
  split; [apply fnorm_nonneg|]. rewrite <- !sqrt_squared. apply L8_squared.
Qed.

Lemma tame_squared : tame 1 (fun f => sqrt (squared X f)).
Proof.
  split; [lra|]. split.
  - intros f g. rewrite Rmult_1_l.
    replace f with (fun k c => g k c + (f k c - g k c)) at 1 by (apply matrix_ext; intros; ring).
    apply L8_squared.
  - intros f g t Ht. pose proof (convex_max_at_ends _ L7_squared f g t Ht) as H.
    apply sqrt_le_1_alt in H. eapply Rle_trans; [exact H|].
    unfold Rmax at 1. destruct (Rle_dec (squared X f) (squared X g)); [apply Rmax_r | apply Rmax_l].
Qed.

(** * Losses given sample by sample, through subgradients *)

Notation p := (outputs X).
Definition probability : Prop := \sum_(k < points X) weight X k = 1.

(** "L = E l(f(X), Y)" *)
Definition mean_loss (ell : vector -> vector -> R) (f : nat -> vector) : R :=
  \sum_(k < points X) (weight X k * ell (target X k) (f k)).

(** at every u the function e has a supporting affine function with slope at most G *)
Definition supported (G : R) (e : vector -> R) : Prop := forall u, exists s,
  enorm p s <= G /\ forall v, e u + \sum_(c < p) (s c * (v c - u c)) <= e v.

Lemma supported_lipschitz G e u v : supported G e -> e u <= e v + G * enorm p (fun c => u c - v c).
Proof.
  intros H. destruct (H u) as (s & Hs & Hsup). specialize (Hsup v).
  assert (E : \sum_(c < p) (s c * (u c - v c)) <= G * enorm p (fun c => u c - v c)).
  { eapply Rle_trans; [apply inner_le_norms|]. apply Rmult_le_compat_r; [apply enorm_nonneg | easy]. }
  rewrite (lsum_ext _ _ (fun c => (-1) * (s c * (u c - v c)))) in Hsup by (intros; ring).
  rewrite lsum_scal in Hsup. lra.
Qed.

Lemma supported_convex G e u v t : supported G e -> 0 <= t <= 1 ->
  e (fun c => (1 - t) * u c + t * v c) <= (1 - t) * e u + t * e v.
Proof.
  intros H Ht. destruct (H (fun c => (1 - t) * u c + t * v c)) as (s & _ & Hsup).
  set (w := fun c => (1 - t) * u c + t * v c) in *.
  pose proof (Hsup u) as Hu. pose proof (Hsup v) as Hv.
  rewrite (lsum_ext _ _ (fun c => t * (s c * (u c - v c)))) in Hu by (intros; unfold w; ring).
  rewrite (lsum_ext _ _ (fun c => (t - 1) * (s c * (u c - v c)))) in Hv by (intros; unfold w; ring).
  rewrite lsum_scal in Hu, Hv. nra.
Qed.

(** L7 for every loss that is convex sample by sample *)
Theorem L7_mean_loss G ell : (forall k, supported G (ell (target X k))) -> convex (mean_loss ell).
Proof.
  intros H f g t Ht. unfold mean_loss. rewrite <- lsum_lin. apply lsum_le; intros k _.
  replace ((1 - t) * (weight X k * _) + t * (weight X k * _)) with
    (weight X k * ((1 - t) * ell (target X k) (f k) + t * ell (target X k) (g k))) by ring.
  apply Rmult_le_compat_l; [apply weight_nonneg|]. now apply (supported_convex G).
Qed.

(** the same without slopes: "l(., y) convex" *)
Definition convex_in_output (e : vector -> R) : Prop := forall u v t, 0 <= t <= 1 ->
  e (fun c => (1 - t) * u c + t * v c) <= (1 - t) * e u + t * e v.
Definition of_output (e : vector -> R) : Prop := forall u v, (forall c, (c < p)%nat -> u c = v c) -> e u = e v.

Theorem L7_convex_loss ell :
  (forall k, (k < points X)%nat -> convex_in_output (ell (target X k)) /\ of_output (ell (target X k))) ->
  max_at_ends (mean_loss ell) /\ on_data (mean_loss ell).
Proof.
  intros H. split.
  - apply convex_max_at_ends. intros f g t Ht. unfold mean_loss. rewrite <- lsum_lin. apply lsum_le; intros k Hk.
    apply in_rng in Hk. destruct (H k Hk) as [Hconvex _]. specialize (Hconvex (f k) (g k) t Ht).
    apply (Rmult_le_compat_l _ _ _ (weight_nonneg X k)) in Hconvex. lra.
  - intros f g E. apply lsum_ext; intros k Hk. apply in_rng in Hk. destruct (H k Hk) as [_ Hout].
    f_equal. apply Hout. intros; now apply E.
Qed.

(** L8 for every G-Lipschitz loss: "L(f + g) <= L(f) + G ||g||" *)
Theorem L8_mean_loss G ell f g : probability -> 0 <= G -> (forall k, supported G (ell (target X k))) ->
  mean_loss ell (fun k c => f k c + g k c) <= mean_loss ell f + G * fnorm X g.
Proof.
  intros H1 HG H. unfold mean_loss.
  apply Rle_trans with (\sum_(k < points X) (weight X k * ell (target X k) (f k))
                        + G * \sum_(k < points X) (weight X k * (enorm p (g k) * 1))).
  - rewrite <- lsum_scal, <- lsum_plus. apply lsum_le; intros k _.
    pose proof (supported_lipschitz G _ (fun c => f k c + g k c) (f k) (H k)) as E. cbv beta in E.
    rewrite (enorm_ext p (fun c => f k c + g k c - f k c) (g k)) in E by (intros; ring).
    apply (Rmult_le_compat_l _ _ _ (weight_nonneg X k)) in E. lra.
  - apply Rplus_le_compat_l, Rmult_le_compat_l; [easy|].
    eapply Rle_trans; [apply Cauchy_Schwarz, weight_nonneg|]. unfold fnorm. rewrite l2norm_iter.
    unfold wnorm at 2. rewrite (lsum_ext _ (fun i => weight X i * 1^2) (fun i => weight X i)) by (intros; ring).
    unfold probability in H1. rewrite H1, sqrt_1, Rmult_1_r. apply Rle_refl.
Qed.

Lemma tame_mean_loss G ell : probability -> 0 <= G -> (forall k, supported G (ell (target X k))) ->
  tame G (mean_loss ell).
Proof.
  intros H1 HG H. split; [easy|]. split.
  - intros f g. replace f with (fun k c => g k c + (f k c - g k c)) at 1 by (apply matrix_ext; intros; ring).
    now apply L8_mean_loss.
  - now apply convex_max_at_ends, (L7_mean_loss G).
Qed.

(** ** Absolute error: G = 1 (||f - y||; for one output |f - y|) *)
Definition absolute (y u : vector) : R := enorm p (fun c => u c - y c).

Theorem L8_absolute y : supported 1 (absolute y).
Proof.
  intros u. set (n := absolute y u). destruct (Req_dec n 0) as [E|E].
  - exists (fun _ => 0). split.
    + rewrite enorm_zero by easy. lra.
    + intros v. rewrite lsum_zero by (intros; ring). fold n. rewrite E, Rplus_0_r. apply enorm_nonneg.
  - assert (Hn : 0 < n) by (pose proof (enorm_nonneg p (fun c => u c - y c)); unfold n, absolute in *; lra).
    exists (fun c => / n * (u c - y c)). split.
    + rewrite enorm_scal_pos by (left; now apply Rinv_0_lt_compat). fold (absolute y u). fold n.
      rewrite Rinv_l; lra.
    + intros v. fold n.
      rewrite (lsum_ext _ _ (fun c => / n * ((u c - y c) * (v c - y c) - (u c - y c)^2))) by (intros; ring).
      rewrite lsum_scal, lsum_minus, <- enorm_sq. fold (absolute y u). fold n.
      pose proof (inner_le_norms p (fun c => u c - y c) (fun c => v c - y c)) as H.
      fold (absolute y u) (absolute y v) in H. fold n in H.
      apply (Rmult_le_reg_l n); [easy|]. rewrite Rmult_plus_distr_l, <- Rmult_assoc, Rinv_r by lra. lra.
Qed.

(** ** One-output losses, written with a function of one real; the output is coordinate 0 *)
Definition on_output (phi : R -> R) (u : vector) : R := phi (u 0%nat).

Lemma supported_scalar G phi : (1 <= p)%nat -> 0 <= G ->
  (forall a, exists s, Rabs s <= G /\ forall b, phi a + s * (b - a) <= phi b) ->
  supported G (on_output phi).
Proof.
  intros Hp HG H u. destruct (H (u 0%nat)) as (s & Hs & Hsup).
  exists (fun c => if Nat.eqb 0 c then s else 0). split.
  - apply wnorm_le_sq; [easy|].
    rewrite (lsum_ext _ _ (fun c => if Nat.eqb 0 c then s^2 else 0))
      by (intros c _; destruct (Nat.eqb 0 c); ring).
    rewrite lsum_delta by lia. rewrite <- pow2_abs. apply pow_incr. split; [apply Rabs_pos | easy].
  - intros v. rewrite (lsum_ext _ _ (fun c => if Nat.eqb 0 c then s * (v c - u c) else 0))
      by (intros c _; destruct (Nat.eqb 0 c); ring).
    rewrite lsum_delta by lia. apply Hsup.
Qed.

(** Huber: G = delta *)
Definition huber_fun (delta r : R) : R :=
  if Rle_dec (Rabs r) delta then r^2 / 2 else delta * Rabs r - delta^2 / 2.
Definition huber (delta : R) (y u : vector) : R := on_output (fun a => huber_fun delta (a - y 0%nat)) u.

(** it is the largest of the parabolas' tangents s r - s^2 / 2 with |s| <= delta *)
Lemma huber_above delta r s : Rabs s <= delta -> s * r - s^2 / 2 <= huber_fun delta r.
Proof.
  intros Hs. unfold huber_fun. destruct (Rle_dec (Rabs r) delta) as [h|h].
  - pose proof (pow2_ge_0 (r - s)). lra.
  - apply Rnot_le_lt in h. assert (Hd : - delta <= s <= delta) by (revert Hs; unfold Rabs; destruct Rcase_abs; lra).
    revert h. unfold Rabs. destruct Rcase_abs; intros h.
    + assert (0 <= (delta + s) * (- r - (delta - s) / 2)) by (apply Rmult_le_pos; lra). lra.
    + assert (0 <= (delta - s) * (r - (delta + s) / 2)) by (apply Rmult_le_pos; lra). lra.
Qed.

Lemma huber_attained delta r : 0 <= delta -> let s := Rmax (- delta) (Rmin delta r) in
  huber_fun delta r = s * r - s^2 / 2.
Proof.
  intros Hd s. unfold huber_fun. destruct (Rle_dec (Rabs r) delta) as [h|h].
  - assert (E : s = r) by (unfold s; relu_cases; lra). rewrite E. field.
  - apply Rnot_le_lt in h. revert h. unfold Rabs. destruct Rcase_abs; intros h.
    + assert (E : s = - delta) by (unfold s; relu_cases; lra). rewrite E. field.
    + assert (E : s = delta) by (unfold s; relu_cases; lra). rewrite E. field.
Qed.

Theorem L8_huber delta y : (1 <= p)%nat -> 0 <= delta -> supported delta (huber delta y).
Proof.
  intros Hp Hd. apply supported_scalar; [easy..|]. intros a. set (r := a - y 0%nat).
  exists (Rmax (- delta) (Rmin delta r)). split.
  - relu_cases; lra.
  - intros b. replace (b - a) with ((b - y 0%nat) - r) by (unfold r; ring).
    set (q := b - y 0%nat). clearbody r q.
    rewrite (huber_attained delta r Hd).
    pose proof (huber_above delta q (Rmax (- delta) (Rmin delta r))) as H.
    assert (Rabs (Rmax (- delta) (Rmin delta r)) <= delta) by (relu_cases; lra).
    specialize (H ltac:(easy)). lra.
Qed.

(** hinge: G = 1, labels with |y| <= 1 *)
Definition hinge (y u : vector) : R := on_output (fun a => Rmax 0 (1 - y 0%nat * a)) u.

Theorem L8_hinge y : (1 <= p)%nat -> Rabs (y 0%nat) <= 1 -> supported 1 (hinge y).
Proof.
  intros Hp Hy. apply supported_scalar; [easy | lra|]. set (z := y 0%nat) in *. clearbody z.
  intros a. destruct (Rle_dec 0 (1 - z * a)) as [h|h].
  - exists (- z). split; [now rewrite Rabs_Ropp|]. intros b. relu_cases; nra.
  - exists 0. split; [rewrite Rabs_R0; lra|]. intros b. relu_cases; nra.
Qed.

(** ** Log-sum-exp *)
Lemma lse_support {I : Type} (l : list I) (u v : I -> R) : l <> nil ->
  let Z := lsum l (fun i => exp (u i)) in
  0 < Z /\ ln Z + lsum l (fun i => exp (u i) / Z * (v i - u i)) <= ln (lsum l (fun i => exp (v i))).
Proof.
  intros Hl Z. assert (HZ : 0 < Z).
  { destruct l as [|i r]; [easy|]. unfold Z. cbn [lsum].
    pose proof (exp_pos (u i)). assert (0 <= lsum r (fun i => exp (u i))).
    { apply lsum_nonneg; intros. left. apply exp_pos. }
    lra. }
  split; [easy|]. set (a := lsum l (fun i => exp (u i) / Z * (v i - u i))).
  rewrite <- (ln_exp a) at 1. rewrite <- ln_mult by (easy || apply exp_pos).
  assert (Hle : Z * exp a <= lsum l (fun i => exp (v i))).
  { apply Rle_trans with (lsum l (fun i => exp a * (exp (u i) * (1 - a)) + exp a * (Z * (exp (u i) / Z * (v i - u i))))).
    - right. rewrite lsum_plus, !lsum_scal, lsum_scal_r. fold Z. fold a. ring.
    - apply lsum_le; intros i _.
      assert (E : exp (v i) = exp a * (exp (u i) * exp (v i - u i - a)))
        by (rewrite <- !exp_plus; f_equal; ring).
      pose proof (exp_ineq1_le (v i - u i - a)) as H.
      apply (Rmult_le_compat_l (exp (u i))) in H; [|left; apply exp_pos].
      apply (Rmult_le_compat_l (exp a)) in H; [|left; apply exp_pos].
      rewrite E. eapply Rle_trans; [|exact H]. right. field. lra. }
  destruct Hle as [Hlt|Heq].
  - left. apply ln_increasing; [apply Rmult_lt_0_compat; [easy | apply exp_pos] | easy].
  - right. now rewrite Heq.
Qed.

(** logistic ln(1 + exp(- y f)): G = 1, labels with |y| <= 1 *)
Definition logistic (y u : vector) : R := on_output (fun a => ln (1 + exp (- (y 0%nat * a)))) u.

Theorem L8_logistic y : (1 <= p)%nat -> Rabs (y 0%nat) <= 1 -> supported 1 (logistic y).
Proof.
  intros Hp Hy. apply supported_scalar; [easy | lra|]. set (z := y 0%nat) in *. clearbody z.
  intros a. set (e := exp (- (z * a))). assert (He : 0 < e) by apply exp_pos.
  assert (Hs : 0 <= e / (1 + e) <= 1).
  { split; [apply Rmult_le_pos; [lra | left; apply Rinv_0_lt_compat; lra]|].
    apply (Rmult_le_reg_r (1 + e)); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  exists (- (z * (e / (1 + e)))). split.
  - rewrite Rabs_Ropp, Rabs_mult, (Rabs_right (e / (1 + e))) by lra.
    pose proof (Rabs_pos z). nra.
  - intros b.
    destruct (lse_support [0; 1]
      (fun i => i * (- (z * a))) (fun i => i * (- (z * b))) ltac:(easy)) as [_ H].
    cbn [lsum] in H. rewrite !Rmult_0_l, !Rmult_1_l, exp_0, !Rplus_0_r in H. fold e in H.
    eapply Rle_trans; [right | exact H]. field. lra.
Qed.

(** softmax cross-entropy, y a one-hot or probability vector: G = sqrt 2 *)
Definition cross_entropy (y u : vector) : R :=
  ln (\sum_(c < p) exp (u c)) - \sum_(c < p) (y c * u c).

Lemma simplex_sq (s : vector) : (forall c, (c < p)%nat -> 0 <= s c) -> \sum_(c < p) s c = 1 ->
  \sum_(c < p) (s c)^2 <= 1.
Proof.
  intros H0 H1. rewrite <- H1. apply lsum_le; intros c Hc.
  assert (s c <= 1).
  { rewrite <- H1. apply lsum_term; [|easy]. intros j Hj. apply H0. now apply in_rng. }
  apply in_rng in Hc. specialize (H0 c Hc). nra.
Qed.

Theorem L8_cross_entropy y : (1 <= p)%nat ->
  (forall c, (c < p)%nat -> 0 <= y c) -> \sum_(c < p) y c = 1 -> supported (sqrt 2) (cross_entropy y).
Proof.
  intros Hp Hy0 Hy1 u. set (Z := \sum_(c < p) exp (u c)).
  assert (Hl : seq 0 p <> nil) by (destruct p; [lia | easy]).
  destruct (lse_support (seq 0 p) u u Hl) as [HZ _]. fold Z in HZ.
  set (s := fun c => exp (u c) / Z).
  assert (Hs0 : forall c, 0 <= s c).
  { intros c. apply Rmult_le_pos; [left; apply exp_pos | left; now apply Rinv_0_lt_compat]. }
  assert (Hs1 : \sum_(c < p) s c = 1).
  { unfold s, Rdiv. rewrite lsum_scal_r. fold Z. apply Rinv_r. lra. }
  exists (fun c => s c - y c). split.
  - apply wnorm_le_sq; [apply sqrt_pos|]. rewrite pow2_sqrt by lra.
    apply Rle_trans with (\sum_(c < p) ((s c)^2 + (y c)^2)).
    + apply lsum_le; intros c Hc. apply in_rng in Hc. specialize (Hy0 c Hc). specialize (Hs0 c). nra.
    + rewrite lsum_plus. pose proof (simplex_sq s (fun c _ => Hs0 c) Hs1). pose proof (simplex_sq y Hy0 Hy1). lra.
  - intros v. destruct (lse_support (seq 0 p) u v Hl) as [_ H]. fold Z in H.
    unfold cross_entropy. fold Z.
    rewrite (lsum_ext _ (fun c => (s c - y c) * (v c - u c))
      (fun c => s c * (v c - u c) - (y c * v c - y c * u c))) by (intros; ring).
    rewrite !lsum_minus. unfold s. lra.
Qed.
End Losses.
