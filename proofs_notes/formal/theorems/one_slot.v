(** T7 [ours; the step is Frank-Wolfe and Maurey, known] (blueprint-2, section 1): one empty slot is enough. From a
    network whose slot j is empty one neuron of g*, a two-layer network of any width, is loaded and read: so the
    depth is what it costs to empty one slot, where g* is better by more than a threshold. T7B: l slots, l neurons,
    the variance over l. T7L: every convex loss with bounded curvature. PARALLEL, any branch, kappa = 0.

    Definitions: [refilled], the slots J carry (w, v), all else of the readout is scaled by 1 - e.
    Statements: C7, T7, T7B, T7L, T7S, T7V. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import readout losses slots smooth draw.
From Skipscape.routes Require Import route.
Import ListNotations.
Open Scope R_scope.

(** "(V, U) times 1 - e, the columns of J to those of the new neurons" *)
Definition refilled (e : R) (J : list nat) (w v : matrix) (P : param) : param :=
  readout (loaded w J P) (fun j c => if mem j J then v (pos j J) c else (1 - e) * V P j c)
    (fun c s => (1 - e) * U P c s).

(** the closed thresholds: the distance of the origin from the segment (x, 0) - (y, K) *)
Lemma below_the_level x y z K d : 0 <= y -> y < z -> z <= x -> x^2 <= z^2 + d^2 -> 0 <= K -> 0 <= d ->
  K * d < z * (z - y) ->
  exists e, 0 <= e <= 1 /\ ((1 - e) * x + e * y)^2 + e^2 * K^2 < z^2.
Proof.
  intros Hy Hyz Hzx Hx HK Hd Hthr. set (w := x - y). assert (Hw : 0 < w) by (unfold w; lra).
  assert (Hzw : z * (z - y) <= z * w) by (apply Rmult_le_compat_l; unfold w; lra).
  assert (HKd : 0 <= K * d) by (now apply Rmult_le_pos).
  destruct (Rle_dec (x * w) (w^2 + K^2)) as [Hle|Hgt].
  - assert (Hq : 0 < w^2 + K^2) by (pose proof (pow2_ge_0 K); nra). set (e := x * w / (w^2 + K^2)). exists e.
    assert (He : e * (w^2 + K^2) = x * w) by (unfold e; field; lra).
    assert (He0 : 0 <= e) by (unfold e, Rdiv; apply Rmult_le_pos; [nra | left; now apply Rinv_0_lt_compat]).
    assert (He1 : e <= 1) by (apply (Rmult_le_reg_r (w^2 + K^2)); [easy | lra]). clearbody e. split; [lra|].
    assert (E1 : ((1 - e) * x + e * y)^2 + e^2 * K^2 = x^2 - e * (x * w)).
    { replace (((1 - e) * x + e * y)^2 + e^2 * K^2) with (x^2 - 2 * e * (x * w) + e * (e * (w^2 + K^2))) by (unfold w;
        ring).
      rewrite He. ring. }
    rewrite E1. apply (Rmult_lt_reg_r (w^2 + K^2)); [easy|].
    replace ((x^2 - e * (x * w)) * (w^2 + K^2)) with (x^2 * (w^2 + K^2) - x * w * (e * (w^2 + K^2))) by ring.
    rewrite He.
    assert (H1 : (K * d)^2 < (z * w)^2) by nra.
    assert (H2 : K^2 * (x^2 - z^2) <= K^2 * d^2) by (apply Rmult_le_compat_l; [apply pow2_ge_0 | lra]). nra.
  - exists 1. split; [lra|]. apply Rnot_le_lt in Hgt. assert (Hwy : K^2 < w * y) by (unfold w in *; nra).
    replace (((1 - 1) * x + 1 * y)^2 + 1^2 * K^2) with (y^2 + K^2) by ring.
    destruct (Rle_dec (d^2) (K^2 + w^2)) as [Hs|Hs].
    + unfold w in *. nra.
    + apply Rnot_le_lt in Hs. assert (K <= d) by (apply Rnot_lt_le; intros Hlt; pose proof (pow2_ge_0 w); nra). nra.
Qed.

(** the step e = d/(d+K), or a small one if d = 0 *)
Lemma small_step d K G : 0 <= d -> 0 <= K -> 2 * K * d < G ->
  exists e, 0 <= e <= 1 /\ (1 - e) * d^2 - e * G + e^2 * K^2 < 0.
Proof.
  intros Hd HK HG. assert (HG0 : 0 < G) by (assert (0 <= K * d) by (now apply Rmult_le_pos); lra).
  destruct (Req_dec d 0) as [->|Hne].
  - assert (Hq : 0 < G + K^2) by (pose proof (pow2_ge_0 K); lra). set (e := G / (G + K^2)). exists e.
    assert (He : e * (G + K^2) = G) by (unfold e; field; lra).
    assert (He0 : 0 < e) by (unfold e; apply Rdiv_lt_0_compat; lra).
    assert (He1 : e <= 1) by (apply (Rmult_le_reg_r (G + K^2)); [lra | rewrite He; pose proof (pow2_ge_0 K); lra]).
    split; [lra|].
    replace ((1 - e) * 0^2 - e * G + e^2 * K^2) with (e * (e * (G + K^2) - e * G - G)) by ring. rewrite He.
    assert (0 < e * G) by nra. nra.
  - assert (Hp : 0 < d) by lra. set (e := d / (d + K)). exists e.
    assert (He : e * (d + K) = d) by (unfold e; field; lra).
    assert (He0 : 0 < e) by (unfold e; apply Rdiv_lt_0_compat; lra).
    assert (He1 : e <= 1) by (apply (Rmult_le_reg_r (d + K)); [lra | rewrite He; lra]). split; [lra|].
    clearbody e. assert (Ek : e * K = (1 - e) * d) by lra.
    assert (Hsum : (1 - e) * d^2 - e * G + e^2 * K^2 = e * (2 * K * d - G) - e * (e * K * d)).
    { replace ((1 - e) * d^2) with (d * ((1 - e) * d)) by ring. rewrite <- Ek.
      replace (e^2 * K^2) with (e * K * (e * K)) by ring. rewrite Ek at 2. ring. }
    rewrite Hsum. assert (0 <= e * (e * K * d)) by (repeat apply Rmult_le_pos; lra).
    pose proof (Rmult_lt_0_compat e (G - 2 * K * d) He0 ltac:(lra)). lra.
Qed.

(** "(ii), weaker than (i)": L stands for L(theta), L' for L*, x for K delta *)
Theorem T7_first_threshold L L' x : 0 <= L -> 0 <= L' -> 0 <= x -> L' + 2 * x < L -> x < L - sqrt (L * L').
Proof.
  intros H H' Hx Hlt. rewrite sqrt_mult by easy.
  pose proof (sqrt_pos L). pose proof (sqrt_pos L'). pose proof (pow2_sqrt L H). pose proof (pow2_sqrt L' H').
  pose proof (pow2_ge_0 (sqrt L - sqrt L')). nra.
Qed.

Section OneSlot.
Variables (X : data) (m : nat) (B : branch).
Notation net := (parallel X m B).
Notation loss P := (squared X (net P)).

Lemma refilled_output l e J w v P : slots m l J -> silent P J ->
  net (refilled e J w v P) = fun k c => (1 - e) * net P k c + two_layer X l w v k c.
Proof.
  intros (HN & HL & HJ) H0. apply matrix_ext; intros k c. unfold parallel.
  assert (Hd : deep X m B (refilled e J w v P) k c = (1 - e) * deep X m B P k c).
  { unfold deep. rewrite <- lsum_scal. apply lsum_ext; intros s _. unfold refilled. rewrite U_readout, act_readout.
    assert (ER : reading X m (loaded w J P) k = reading X m P k).
    { apply functional_extensionality; intros a. unfold loaded. rewrite <- (lin_1 P (load P J _)).
      now apply load_reading. }
    rewrite ER. change (Q (loaded w J P)) with (Q P). ring. }
  assert (Hs : skip X m (refilled e J w v P) k c = (1 - e) * skip X m P k c + two_layer X l w v k c).
  { unfold skip. rewrite (lsum_ext _ _ (fun j => (1 - e) * (V P j c * feature X P k j)
        + (if mem j J then v (pos j J) c * relu (dot X (w (pos j J)) (input X k)) else 0))).
    - rewrite lsum_plus, lsum_scal, (lsum_mem m J (fun j => v (pos j J) c * relu (dot X (w (pos j J)) (input X k))) HN
        HJ).
      f_equal. rewrite lsum_nth, HL. apply lsum_ext; intros i Hi. apply in_rng in Hi.
      now rewrite pos_nth by (auto; lia).
    - intros j _. unfold refilled. rewrite V_readout, feature_readout. destruct (mem j J) eqn:E.
      + apply mem_In in E as Hj. rewrite (proj1 (H0 j Hj)). rewrite Rmult_0_l, Rmult_0_r, Rplus_0_l. f_equal.
        unfold feature. f_equal. apply dot_ext; intros i. unfold loaded, load; entries. now rewrite E.
      + rewrite Rplus_0_r, Rmult_assoc. do 2 f_equal. apply feature_ext; intros i. unfold loaded, load; entries.
        now rewrite E. }
  rewrite Hd, Hs. ring.
Qed.

(** silent load, then one readout line *)
Lemma refill Phi l e J w v P c : convex Phi -> slots m l J -> silent P J -> loss_of X m B Phi P <= c ->
  Phi (fun k a => (1 - e) * net P k a + two_layer X l w v k a) <= c ->
  joined (sublevel (loss_of X m B Phi) c) P (refilled e J w v P).
Proof.
  intros HPhi HJ H0 HP Hend. apply (joined_step _ P (loaded w J P)).
  - intros t _. unfold sublevel, loss_of, loaded. now rewrite L9_silent.
  - apply joined_line. intros t Ht. unfold sublevel, loss_of, refilled.
    replace (net (lin t _ _)) with (fun k a => (1 - t) * net (loaded w J P) k a + t * net (refilled e J w v P) k a)
      by (apply matrix_ext; intros; unfold refilled; now rewrite L7_affine).
    eapply Rle_trans; [now apply (convex_max_at_ends _ HPhi)|]. apply Rmax_lub.
    + unfold loaded. rewrite <- (lin_1 P (load P J _)), L9_silent by easy. exact HP.
    + now rewrite (refilled_output l).
Qed.

(** the theorem behind T7, T7B and T7L: the value at the mean of the draw, plus the variance of n draws *)
Theorem T7L_block Phi beta n J l w v P P' c e : smooth X beta Phi -> slots m n J -> (0 < n)%nat -> 0 <= e <= 1 ->
  joined (sublevel (loss_of X m B Phi) c) P P' -> silent P' J ->
  Phi (fun k a => (1 - e) * net P' k a + e * two_layer X l w v k a) + beta / 2 * (e^2 * variance X l w v / INR n)
    < Phi (net P) ->
  depth_at_most (fun P => Phi (net P)) P (c - Phi (net P)).
Proof.
  intros HPhi HJ Hn He Hpath H0 Hlow. set (f := fun k a => (1 - e) * net P' k a).
  destruct (draws X l w v Phi beta (fun i => fnorm X (unit_effect X w v i)) 1 f e n HPhi Rle_0_1 (proj1 He) Hn
    (effect_weights X l w v)) as (pick & a & _ & Hd).
  set (w' := fun k => w (pick k)). set (v' := fun k b => a k * v (pick k) b).
  assert (Ef : (fun x b => f x b + \sum_(k < n) (a k * unit_effect X w v (pick k) x b))
    = fun x b => (1 - e) * net P' x b + two_layer X n w' v' x b).
  { apply matrix_ext; intros x b. unfold f. f_equal. apply lsum_ext; intros k _. unfold unit_effect, v', w'. ring. }
  rewrite Ef, Rmult_1_l in Hd. change (f ?k ?a) with ((1 - e) * net P' k a) in Hd.
  fold (effect_mass X l w v) in Hd. fold (variance X l w v) in Hd.
  pose proof (joined_start _ _ _ Hpath) as HP. pose proof (joined_end _ _ _ Hpath) as HP'.
  unfold sublevel, loss_of in HP, HP'.
  apply (joined_depth (loss_of X m B Phi) P (refilled e J w' v' P')).
  - unfold loss_of at 2. replace (Phi (net P) + (c - Phi (net P))) with c by ring.
    apply (joined_trans _ _ P'); [exact Hpath|].
    apply (refill Phi n); [now apply (smooth_convex X beta) | easy | easy | exact HP' | lra].
  - unfold loss_of. rewrite (refilled_output n) by easy. eapply Rle_lt_trans; [exact Hd | exact Hlow].
Qed.

(** "T7 with e^2 (beta/2) v* and without the e(1-e) term" *)
Theorem T7L_one_slot Phi beta l w v P P' j c e : smooth X beta Phi -> (j < m)%nat -> 0 <= e <= 1 ->
  joined (sublevel (loss_of X m B Phi) c) P P' -> silent P' [j] ->
  (1 - e) * Phi (net P') + e * Phi (two_layer X l w v) + e^2 * (beta / 2) * variance X l w v < Phi (net P) ->
  depth_at_most (fun P => Phi (net P)) P (c - Phi (net P)).
Proof.
  intros HPhi Hj He Hpath H0 Hlow. apply (T7L_block Phi beta 1 [j] l w v P P' c e HPhi); try easy.
  - split; [repeat constructor; easy|]. split; [easy|]. intros i [<-|[]]. exact Hj.
  - lia.
  - pose proof (smooth_convex X beta Phi HPhi (net P') (two_layer X l w v) e He) as Hc.
    change (INR 1) with 1. unfold Rdiv at 2. rewrite Rinv_1. lra.
Qed.

(** the loss on the way from f to g, exactly *)
Lemma squared_between f g e : squared X (fun k c => (1 - e) * f k c + e * g k c)
  = (1 - e) * squared X f + e * squared X g - e * (1 - e) * (fnorm X (fun k c => f k c - g k c))^2.
Proof.
  pose proof (squared_shift X f (fun k c => g k c - f k c) e) as H1.
  pose proof (squared_shift X f (fun k c => g k c - f k c) 1) as H2. cbv beta in H1, H2.
  replace (fun k c => f k c + e * (g k c - f k c)) with (fun k c => (1 - e) * f k c + e * g k c) in H1
    by (apply matrix_ext; intros; ring).
  replace (fun k c => f k c + 1 * (g k c - f k c)) with g in H2 by (apply matrix_ext; intros; ring).
  assert (E : (fnorm X (fun k c => f k c - g k c))^2 = (fnorm X (fun k c => g k c - f k c))^2).
  { replace (fun k c => f k c - g k c) with (fun k c => (-1) * (g k c - f k c)) by (apply matrix_ext; intros; ring).
    rewrite fnorm_scal. ring. }
  rewrite E, H1, H2. ring.
Qed.

(** T7B: l slots emptied, l neurons drawn *)
Theorem T7B_block n J l w v P P' c e : slots m n J -> (0 < n)%nat -> 0 <= e <= 1 ->
  joined (sublevel (fun P => loss P) c) P P' -> silent P' J ->
  (1 - e) * loss P' + e * squared X (two_layer X l w v) + e^2 * variance X l w v / INR n
    - e * (1 - e) * (fnorm X (fun k a => net P' k a - two_layer X l w v k a))^2 < loss P ->
  depth_at_most (fun P => loss P) P (c - loss P).
Proof.
  intros HJ Hn He Hpath H0 Hlow.
  apply (T7L_block (squared X) 2 n J l w v P P' c e (T7L_squared X) HJ Hn He Hpath H0).
  rewrite squared_between. lra.
Qed.

(** T7: "a path in {L <= c} leads from theta to theta' whose slot j is empty" *)
Theorem T7_one_slot l w v P P' j c e : (j < m)%nat -> 0 <= e <= 1 ->
  joined (sublevel (fun P => loss P) c) P P' -> silent P' [j] ->
  (1 - e) * loss P' + e * squared X (two_layer X l w v) + e^2 * variance X l w v
    - e * (1 - e) * (fnorm X (fun k a => net P' k a - two_layer X l w v k a))^2 < loss P ->
  depth_at_most (fun P => loss P) P (c - loss P).
Proof.
  intros Hj He Hpath H0 Hlow. apply (T7B_block 1 [j] l w v P P' c e); try easy.
  - split; [repeat constructor; easy|]. split; [easy|]. intros i [<-|[]]. exact Hj.
  - lia.
  - change (INR 1) with 1. unfold Rdiv. rewrite Rinv_1. lra.
Qed.

(** the threshold in closed form: (ii), and so (i); K/sqrt l for K with l slots *)
Theorem T7B_threshold n J l w v P P' c K d : slots m n J -> (0 < n)%nat ->
  joined (sublevel (fun P => loss P) c) P P' -> silent P' J -> loss P' <= loss P + d^2 ->
  variance X l w v <= K^2 -> 0 <= K -> 0 <= d ->
  K / sqrt (INR n) * d < loss P - sqrt (loss P * squared X (two_layer X l w v)) ->
  depth_at_most (fun P => loss P) P (c - loss P).
Proof.
  intros HJ Hn Hpath H0 Hrise HvK HK Hd Hthr. assert (HnR : 0 < INR n) by (now apply lt_0_INR).
  pose proof (joined_start _ _ _ Hpath) as HP. unfold sublevel in HP. cbv beta in HP.
  destruct (Rlt_dec (loss P') (loss P)) as [Hlow|Hhigh].
  { apply (joined_depth (fun P => loss P) P P'); [|easy].
    replace (loss P + (c - loss P)) with c by ring. exact Hpath. }
  apply Rnot_lt_le in Hhigh. set (g := two_layer X l w v) in *. set (k := K / sqrt (INR n)) in *.
  assert (Hrt : 0 < sqrt (INR n)) by (now apply sqrt_lt_R0).
  assert (Hk : 0 <= k) by (apply Rmult_le_pos; [easy | left; now apply Rinv_0_lt_compat]).
  assert (Hk2 : k^2 = K^2 / INR n).
  { unfold k, Rdiv. rewrite Rpow_mult_distr, pow_inv. now rewrite pow2_sqrt by lra. }
  pose proof (squared_nonneg X (net P)) as HL. pose proof (squared_nonneg X g) as HG.
  pose proof (squared_nonneg X (net P')) as HL'.
  rewrite sqrt_mult in Hthr by easy. pose proof (sqrt_pos (loss P)) as Hz. pose proof (sqrt_pos (squared X g)) as Hy.
  pose proof (pow2_sqrt _ HL) as Ez. pose proof (pow2_sqrt _ HG) as Ey. pose proof (pow2_sqrt _ HL') as Ex.
  assert (Hkd : 0 <= k * d) by (now apply Rmult_le_pos).
  destruct (below_the_level (sqrt (loss P')) (sqrt (squared X g)) (sqrt (loss P)) k d) as (e & He & Hlow); try easy.
  - nra.
  - now apply sqrt_le_1_alt.
  - lra.
  - lra.
  - apply (T7L_block (squared X) 2 n J l w v P P' c e (T7L_squared X) HJ Hn He Hpath H0). fold g.
    assert (Hmix : squared X (fun x a => (1 - e) * net P' x a + e * g x a) <= ((1 - e) * sqrt (loss P')
      + e * sqrt (squared X g))^2).
    { rewrite !sqrt_squared, squared_norm. apply pow_incr. split; [apply fnorm_nonneg|].
      replace (fun x a => (1 - e) * net P' x a + e * g x a - target X x a)
        with (fun x a => (1 - e) * (net P' x a - target X x a) + e * (g x a - target X x a)) by (apply matrix_ext;
          intros; ring).
      apply (wnorm_convex _ _ (weight_fst X) e (fun kc => net P' (fst kc) (snd kc) - target X (fst kc) (snd kc))
        (fun kc => g (fst kc) (snd kc) - target X (fst kc) (snd kc)) He). }
    rewrite Ez in Hlow. rewrite Hk2 in Hlow.
    assert (Hv : e^2 * variance X l w v / INR n <= e^2 * (K^2 / INR n)).
    { unfold Rdiv. rewrite Rmult_assoc. apply Rmult_le_compat_l; [apply pow2_ge_0|].
      apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat | easy]. }
    lra.
Qed.

Theorem T7_threshold l w v P P' j c K d : (j < m)%nat ->
  joined (sublevel (fun P => loss P) c) P P' -> silent P' [j] -> loss P' <= loss P + d^2 ->
  variance X l w v <= K^2 -> 0 <= K -> 0 <= d ->
  K * d < loss P - sqrt (loss P * squared X (two_layer X l w v)) ->
  depth_at_most (fun P => loss P) P (c - loss P).
Proof.
  intros Hj Hpath H0 Hrise HvK HK Hd Hthr. apply (T7B_threshold 1 [j] l w v P P' c K d); try easy.
  - split; [repeat constructor; easy|]. split; [easy|]. intros i [<-|[]]. exact Hj.
  - lia.
  - change (INR 1) with 1. rewrite sqrt_1. unfold Rdiv. rewrite Rinv_1. lra.
Qed.

(** "threshold (i)" for a loss of curvature beta: L - L* > beta K d, where emptying costs (beta/2) d^2 *)
Theorem T7L_threshold Phi beta l w v P P' j c K d : smooth X beta Phi -> 0 < beta -> (j < m)%nat ->
  joined (sublevel (loss_of X m B Phi) c) P P' -> silent P' [j] -> Phi (net P') <= Phi (net P) + beta / 2 * d^2 ->
  variance X l w v <= K^2 -> 0 <= K -> 0 <= d ->
  Phi (two_layer X l w v) + beta * K * d < Phi (net P) ->
  depth_at_most (fun P => Phi (net P)) P (c - Phi (net P)).
Proof.
  intros HPhi Hb Hj Hpath H0 Hrise HvK HK Hd Hthr. set (G := Phi (net P) - Phi (two_layer X l w v)).
  destruct (small_step d K (2 / beta * G) Hd HK) as (e & He & Hlow).
  { apply (Rmult_lt_reg_l beta); [easy|]. replace (beta * (2 / beta * G)) with (2 * G) by (field; lra). unfold G. lra. }
  apply (T7L_one_slot Phi beta l w v P P' j c e HPhi Hj He Hpath H0).
  assert (Hlow' : (1 - e) * (beta / 2 * d^2) - e * G + e^2 * (beta / 2) * K^2 < 0).
  { apply (Rmult_lt_compat_l (beta / 2)) in Hlow; [|lra].
    replace (beta / 2 * ((1 - e) * d^2 - e * (2 / beta * G) + e^2 * K^2))
      with ((1 - e) * (beta / 2 * d^2) - e * G + e^2 * (beta / 2) * K^2) in Hlow by (field; lra). lra. }
  assert (H1 : (1 - e) * Phi (net P') <= (1 - e) * (Phi (net P) + beta / 2 * d^2)) by (apply Rmult_le_compat_l; lra).
  assert (H2 : e^2 * (beta / 2) * variance X l w v <= e^2 * (beta / 2) * K^2).
  { apply Rmult_le_compat_l; [|easy]. apply Rmult_le_pos; [apply pow2_ge_0 | lra]. }
  unfold G in *. lra.
Qed.
End OneSlot.
