(** T7L [ours] (blueprint-2, section 3): beta for the losses of the project. Huber 1, logistic 1/4, softmax
    cross-entropy 1/2 in the Euclidean norm of the logits, and no smaller beta serves two classes. The last two by
    Hoeffding's lemma: a distribution q on two points h apart has ln E exp <= mean + h^2/8.

    Definitions: [sigmoid_at], the weight of the heavier exponential, q e^h / (1 - q + q e^h).
    Statements: T7L. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import losses smooth.
Import ListNotations.
Open Scope R_scope.

(** * Hoeffding's lemma on two points *)
Section TwoPoints.
Variable q : R.
Hypothesis Hq : 0 <= q <= 1.

Definition sigmoid_at (h : R) : R := q * exp h / (1 - q + q * exp h).

Lemma mix_pos h : 0 < 1 - q + q * exp h.
Proof. pose proof (exp_pos h). destruct (Req_dec q 0) as [->|]; nra. Qed.

Lemma sigmoid_derivative h : derivable_pt_lim sigmoid_at h (sigmoid_at h * (1 - sigmoid_at h)).
Proof.
  pose proof (mix_pos h) as Hp.
  replace (sigmoid_at h * (1 - sigmoid_at h))
    with (((q * exp h) * (1 - q + q * exp h) - (q * exp h) * (q * exp h)) / Rsqr (1 - q + q * exp h))
    by (unfold sigmoid_at, Rsqr; field; lra).
  assert (Hn : derivable_pt_lim (fun x => q * exp x) h (q * exp h)).
  { apply (derivable_pt_lim_scal exp q h (exp h)), derivable_pt_lim_exp. }
  apply (derivable_pt_lim_div (fun x => q * exp x) (fun x => 1 - q + q * exp x)); [exact Hn | | lra].
  replace (q * exp h) with (0 + q * exp h) by ring.
  apply (derivable_pt_lim_plus (fun _ => 1 - q) (fun x => q * exp x)); [apply derivable_pt_lim_const | exact Hn].
Qed.

(** the curvature of the log of the mean of exponentials is at most 1/4 *)
Lemma sigmoid_growth h : (0 < h -> sigmoid_at h <= q + h / 4) /\ (h < 0 -> q + h / 4 <= sigmoid_at h).
Proof.
  assert (H0 : sigmoid_at 0 = q) by (unfold sigmoid_at; rewrite exp_0; field; lra).
  assert (Hslope : forall c, sigmoid_at c * (1 - sigmoid_at c) <= 1 / 4).
  { intros c. pose proof (pow2_ge_0 (sigmoid_at c - 1 / 2)). lra. }
  split; intros Hh.
  - destruct (MVT_cor2 sigmoid_at (fun c => sigmoid_at c * (1 - sigmoid_at c)) 0 h Hh) as (c & E & _);
      [intros; apply sigmoid_derivative|]. rewrite H0 in E. pose proof (Hslope c). nra.
  - destruct (MVT_cor2 sigmoid_at (fun c => sigmoid_at c * (1 - sigmoid_at c)) h 0 Hh) as (c & E & _);
      [intros; apply sigmoid_derivative|]. rewrite H0 in E. pose proof (Hslope c). nra.
Qed.

Lemma two_point_hoeffding h : ln (1 - q + q * exp h) <= q * h + h^2 / 8.
Proof.
  set (phi := fun x => q * x + x^2 / 8 - ln (1 - q + q * exp x)).
  assert (Hd : forall x, derivable_pt_lim phi x (q + x / 4 - sigmoid_at x)).
  { intros x. pose proof (mix_pos x) as Hp.
    replace (q + x / 4 - sigmoid_at x) with (q * 1 + / 8 * (INR 2 * x ^ pred 2) - / (1 - q + q * exp x) * (0
      + q * exp x))
      by (unfold sigmoid_at; simpl; field; lra).
    apply (derivable_pt_lim_minus (fun x => q * x + x^2 / 8) (fun x => ln (1 - q + q * exp x))).
    - apply (derivable_pt_lim_plus (fun x => q * x) (fun x => x^2 / 8)).
      + apply (derivable_pt_lim_scal (fun x => x) q x 1), derivable_pt_lim_id.
      + replace (fun x => x^2 / 8) with (fun x => / 8 * x^2) by (apply functional_extensionality; intros; field).
        apply (derivable_pt_lim_scal (fun x => x^2) (/ 8) x), derivable_pt_lim_pow.
    - apply (derivable_pt_lim_comp (fun x => 1 - q + q * exp x) ln).
      + apply (derivable_pt_lim_plus (fun _ => 1 - q) (fun x => q * exp x)); [apply derivable_pt_lim_const|].
        apply (derivable_pt_lim_scal exp q x (exp x)), derivable_pt_lim_exp.
      + now apply derivable_pt_lim_ln. }
  assert (H0 : phi 0 = 0) by (unfold phi; rewrite exp_0; replace (1 - q + q * 1) with 1 by ring; rewrite ln_1; field).
  assert (Hphi : 0 <= phi h).
  { destruct (Rtotal_order h 0) as [Hh|[->|Hh]]; [| rewrite H0; lra |].
    - destruct (MVT_cor2 phi _ h 0 Hh (fun c _ => Hd c)) as (c & E & Hc).
      destruct (sigmoid_growth c) as [_ Hg]. specialize (Hg ltac:(lra)). rewrite H0 in E. nra.
    - destruct (MVT_cor2 phi _ 0 h Hh (fun c _ => Hd c)) as (c & E & Hc).
      destruct (sigmoid_growth c) as [Hg _]. specialize (Hg ltac:(lra)). rewrite H0 in E. nra. }
  unfold phi in Hphi. lra.
Qed.
End TwoPoints.

Lemma exp_chord a b t : 0 <= t <= 1 -> exp ((1 - t) * a + t * b) <= (1 - t) * exp a + t * exp b.
Proof.
  intros Ht. set (c := (1 - t) * a + t * b). pose proof (exp_pos c) as Hc.
  assert (Hs : forall x, exp c * (1 + (x - c)) <= exp x).
  { intros x. replace (exp x) with (exp c * exp (x - c)) by (rewrite <- exp_plus; f_equal; ring).
    apply Rmult_le_compat_l; [lra|]. apply exp_ineq1_le. }
  pose proof (Hs a) as Ha. pose proof (Hs b) as Hb.
  apply (Rmult_le_compat_l (1 - t)) in Ha; [|lra]. apply (Rmult_le_compat_l t) in Hb; [|lra].
  assert (E : (1 - t) * (exp c * (1 + (a - c))) + t * (exp c * (1 + (b - c))) = exp c) by (unfold c; ring). lra.
Qed.

(** ln of the mean of exp d, weights s, d between a and b *)
Lemma hoeffding {I : Type} (l : list I) (s d : I -> R) a b : (forall i, In i l -> 0 <= s i) -> lsum l s = 1 ->
  (forall i, In i l -> a <= d i <= b) ->
  ln (lsum l (fun i => s i * exp (d i))) <= lsum l (fun i => s i * d i) + (b - a)^2 / 8.
Proof.
  intros Hs H1 Hd. set (h := b - a).
  assert (Hpos : 0 < lsum l (fun i => s i * exp (d i))).
  { apply Rlt_le_trans with (exp a); [apply exp_pos|].
    apply Rle_trans with (lsum l (fun i => exp a * s i)); [rewrite lsum_scal, H1; lra|].
    apply lsum_le; intros i Hi. rewrite Rmult_comm. apply Rmult_le_compat_l; [now apply Hs|].
    destruct (Hd i Hi) as [[Hlt|Heq] _]; [left; now apply exp_increasing | right; now rewrite Heq]. }
  assert (Hln : forall x y, 0 < x -> x <= y -> ln x <= ln y).
  { intros x y Hx [Hlt|Heq]; [left; now apply ln_increasing | right; now rewrite Heq]. }
  destruct (Req_dec h 0) as [E|E].
  - assert (Ed : forall i, In i l -> d i = a) by (intros i Hi; destruct (Hd i Hi); unfold h in E; lra).
    rewrite (lsum_ext l _ (fun i => exp a * s i)) by (intros i Hi; rewrite Ed by easy; ring).
    rewrite (lsum_ext l (fun i => s i * d i) (fun i => a * s i)) by (intros i Hi; rewrite Ed by easy; ring).
    rewrite !lsum_scal, H1, !Rmult_1_r, ln_exp. pose proof (pow2_ge_0 (b - a)). fold h in H. fold h. lra.
  - set (t := fun i => (d i - a) / h). set (q := lsum l (fun i => s i * t i)).
    assert (Hne : exists i, In i l).
    { destruct l as [|i r]; [exfalso; simpl in H1; lra | exists i; now left]. }
    assert (Hh : 0 < h).
    { destruct Hne as (i & Hi). destruct (Hd i Hi). unfold h in *. lra. }
    assert (Ht : forall i, In i l -> 0 <= t i <= 1).
    { intros i Hi. destruct (Hd i Hi). unfold t. split.
      - apply Rmult_le_pos; [lra | left; now apply Rinv_0_lt_compat].
      - apply (Rmult_le_reg_r h); [easy|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. unfold h. lra. }
    assert (Hq : 0 <= q <= 1).
    { split; [apply lsum_nonneg; intros i Hi; apply Rmult_le_pos; [now apply Hs | now apply Ht]|].
      rewrite <- H1. apply lsum_le; intros i Hi. pose proof (Hs i Hi). destruct (Ht i Hi). nra. }
    assert (Hmix : lsum l (fun i => s i * exp (d i)) <= exp a * (1 - q + q * exp h)).
    { apply Rle_trans with (lsum l (fun i => exp a * (s i - s i * t i) + exp a * exp h * (s i * t i))).
      - apply lsum_le; intros i Hi. pose proof (exp_chord a b (t i) (Ht i Hi)) as Hc.
        replace ((1 - t i) * a + t i * b) with (d i) in Hc by (unfold t, h in *; field; lra).
        replace (exp a * exp h) with (exp b) by (rewrite <- exp_plus; f_equal; unfold h; ring).
        apply (Rmult_le_compat_l (s i)) in Hc; [|now apply Hs]. lra.
      - right. rewrite lsum_plus, !lsum_scal, lsum_minus, H1. fold q. ring. }
    eapply Rle_trans; [apply Hln; [exact Hpos | exact Hmix]|].
    rewrite ln_mult, ln_exp by (apply exp_pos || now apply mix_pos).
    pose proof (two_point_hoeffding q Hq h) as H2.
    assert (Eq : a + q * h = lsum l (fun i => s i * d i)).
    { rewrite (lsum_ext l (fun i => s i * d i) (fun i => a * s i + s i * t i * h)) by (intros; unfold t; field; lra).
      rewrite lsum_plus, lsum_scal, lsum_scal_r, H1. unfold q. ring. }
    rewrite <- Eq. fold h. lra.
Qed.

(** the largest and the smallest of finitely many numbers *)
Lemma extremes {I : Type} (l : list I) (d : I -> R) : l <> nil ->
  exists i j, In i l /\ In j l /\ forall k, In k l -> d i <= d k <= d j.
Proof.
  induction l as [|x r IH]; [easy|]. intros _. destruct r as [|y r].
  - exists x, x. split; [now left|]. split; [now left|]. intros k [<-|[]]. lra.
  - destruct (IH ltac:(easy)) as (i & j & Hi & Hj & H).
    exists (if Rle_dec (d x) (d i) then x else i), (if Rle_dec (d j) (d x) then x else j).
    destruct (Rle_dec (d x) (d i)) as [h|h]; destruct (Rle_dec (d j) (d x)) as [h'|h'];
      (split; [simpl; tauto|]); (split; [simpl; tauto|]); intros k [<-|Hk]; try (specialize (H k Hk)); lra.
Qed.

Section Curvature.
Variable X : data.
Notation p := (outputs X).

Lemma smooth_scalar beta phi : (1 <= p)%nat -> 0 <= beta ->
  (forall a, exists s, forall b, phi a + s * (b - a) <= phi b <= phi a + s * (b - a) + beta / 2 * (b - a)^2) ->
  smooth_output X beta (on_output phi).
Proof.
  intros Hp Hb H u. destruct (H (u O)) as (s & Hs). exists (fun c => if Nat.eqb 0 c then s else 0). intros v.
  rewrite (lsum_ext _ _ (fun c => if Nat.eqb 0 c then s * (v c - u c) else 0)) by (intros c _; destruct (Nat.eqb 0 c);
    ring).
  rewrite (lsum_delta p O (fun c => s * (v c - u c))) by lia. destruct (Hs (v O)) as [H1 H2]. split; [exact H1|].
  eapply Rle_trans; [exact H2|]. apply Rplus_le_compat_l, Rmult_le_compat_l; [lra|].
  pose proof (enorm_entry p (fun c => v c - u c) O ltac:(lia)) as He. cbv beta in He.
  rewrite <- pow2_abs. apply pow_incr. split; [apply Rabs_pos | exact He].
Qed.

Theorem T7L_huber delta y : (1 <= p)%nat -> 0 <= delta -> smooth_output X 1 (huber delta y).
Proof.
  intros Hp Hd. apply smooth_scalar; [easy | lra|]. intros a. set (r := a - y O).
  set (s := Rmax (- delta) (Rmin delta r)).
  exists s. intros b. set (z := b - y O). replace (b - a) with (z - r) by (unfold z, r; ring).
  assert (Hs : Rabs s <= delta) by (unfold s; relu_cases; lra).
  assert (Er : huber_fun delta r = s * r - s^2 / 2) by (now apply huber_attained).
  split.
  - pose proof (huber_above delta z s Hs). lra.
  - rewrite Er. set (s' := Rmax (- delta) (Rmin delta z)).
    assert (Ez : huber_fun delta z = s' * z - s'^2 / 2) by (now apply huber_attained). rewrite Ez. clearbody z r.
    pose proof (pow2_ge_0 ((z - r) - (s' - s))).
    assert (0 <= (s - s') * (r - s)) by (unfold s, s'; relu_cases; nra). lra.
Qed.

Theorem T7L_logistic y : (1 <= p)%nat -> Rabs (y O) <= 1 -> smooth_output X (1 / 4) (logistic y).
Proof.
  intros Hp Hy. apply smooth_scalar; [easy | lra|]. set (z := y O) in *. clearbody z. intros a.
  set (e := exp (- (z * a))). assert (He : 0 < e) by apply exp_pos. set (q := e / (1 + e)).
  assert (Hq : 0 <= q <= 1).
  { split; [apply Rmult_le_pos; [lra | left; apply Rinv_0_lt_compat; lra]|].
    apply (Rmult_le_reg_r (1 + e)); [lra|]. unfold q, Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  exists (- (z * q)). intros b. split.
  - destruct (lse_support [0; 1] (fun i => i * (- (z * a))) (fun i => i * (- (z * b))) ltac:(easy)) as [_ H].
    cbn [lsum] in H. rewrite !Rmult_0_l, !Rmult_1_l, exp_0, !Rplus_0_r in H. fold e in H.
    eapply Rle_trans; [right | exact H]. unfold q. field. lra.
  - set (t := - (z * (b - a))). pose proof (two_point_hoeffding q Hq t) as H. pose proof (mix_pos q Hq t) as Hm.
    assert (E : 1 + exp (- (z * b)) = (1 + e) * (1 - q + q * exp t)).
    { replace (exp (- (z * b))) with (e * exp t) by (unfold e, t; rewrite <- exp_plus; f_equal; ring). unfold q.
      field. lra. }
    rewrite E, ln_mult by lra.
    assert (Ht : t^2 <= (b - a)^2).
    { unfold t. replace ((- (z * (b - a)))^2) with (z^2 * (b - a)^2) by ring. rewrite <- (Rmult_1_l ((b - a)^2)) at 2.
      apply Rmult_le_compat_r; [apply pow2_ge_0|]. rewrite <- pow2_abs, <- (pow1 2). apply pow_incr.
      split; [apply Rabs_pos | easy]. }
    unfold t in *. lra.
Qed.

Theorem T7L_cross_entropy y : (1 <= p)%nat -> smooth_output X (1 / 2) (cross_entropy X y).
Proof.
  intros Hp u. assert (Hl : seq 0 p <> nil) by (destruct p; [lia | easy]). set (Z := \sum_(c < p) exp (u c)).
  destruct (lse_support (seq 0 p) u u Hl) as [HZ _]. fold Z in HZ. set (s := fun c => exp (u c) / Z).
  assert (Hs0 : forall c, 0 <= s c).
  { intros c. apply Rmult_le_pos; [left; apply exp_pos | left; now apply Rinv_0_lt_compat]. }
  assert (Hs1 : lsum (seq 0 p) s = 1).
  { unfold s, Rdiv. rewrite lsum_scal_r. fold Z. apply Rinv_r. lra. }
  exists (fun c => s c - y c). intros v.
  assert (Esplit : \sum_(c < p) ((s c - y c) * (v c - u c))
    = \sum_(c < p) (s c * (v c - u c)) - (\sum_(c < p) (y c * v c) - \sum_(c < p) (y c * u c))).
  { rewrite <- !lsum_minus. apply lsum_ext; intros; ring. }
  rewrite Esplit. unfold cross_entropy. fold Z. split.
  - destruct (lse_support (seq 0 p) u v Hl) as [_ H]. fold Z in H. unfold s. lra.
  - set (d := fun c => v c - u c). destruct (extremes (seq 0 p) d Hl) as (i & j & Hi & Hj & Hext).
    pose proof (hoeffding (seq 0 p) s d (d i) (d j) (fun c _ => Hs0 c) Hs1 Hext) as H.
    assert (EZ : \sum_(c < p) exp (v c) = Z * lsum (seq 0 p) (fun c => s c * exp (d c))).
    { rewrite <- lsum_scal. apply lsum_ext; intros c _. unfold s, d.
      replace (exp (v c)) with (exp (u c) * exp (v c - u c)) by (rewrite <- exp_plus; f_equal; ring). field. lra. }
    assert (Hpos : 0 < lsum (seq 0 p) (fun c => s c * exp (d c))).
    { apply (Rmult_lt_reg_l Z); [easy|]. rewrite Rmult_0_r, <- EZ. destruct (lse_support (seq 0 p) v v Hl) as [HZ' _].
      exact HZ'. }
    rewrite EZ, ln_mult by easy.
    assert (Hrange : (d j - d i)^2 <= 2 * (enorm p d)^2).
    { rewrite enorm_sq. destruct (Nat.eq_dec i j) as [->|Hne].
      - assert (0 <= \sum_(c < p) (d c)^2) by (apply lsum_nonneg; intros; apply pow2_ge_0). lra.
      - assert (Htwo : (d i)^2 + (d j)^2 <= \sum_(c < p) (d c)^2).
        { apply in_rng in Hi, Hj. rewrite (lsum_split p [i; j] (fun c => (d c)^2)).
          - cbn [lsum]. assert (0 <= \sum_(c < p) (if mem c [i; j] then 0 else (d c)^2)); [|lra].
            apply lsum_nonneg; intros. destruct (mem _ _); [lra | apply pow2_ge_0].
          - constructor; [intros [E|[]]; congruence | repeat constructor; easy].
          - intros c [<-|[<-|[]]]; easy. }
        pose proof (pow2_ge_0 (d i + d j)). lra. }
    fold d. change (\sum_(c < p) (s c * (v c - u c))) with (lsum (seq 0 p) (fun c => s c * d c)). lra.
Qed.
End Curvature.

(** "sharp (two classes: attained)": beta < 1/2 does not serve; so neither does logistic's 1/4 *)
Theorem T7L_cross_entropy_sharp X y beta : outputs X = 2%nat -> 0 <= beta < 1 / 2 ->
  ~ smooth_output X beta (cross_entropy X y).
Proof.
  intros Hp Hb H. destruct (H (fun _ => 0)) as (s & Hs).
  set (x := sqrt (1 / 2 - beta)). assert (Hx : x^2 = 1 / 2 - beta) by (unfold x; apply pow2_sqrt; lra).
  assert (Hx0 : 0 < x) by (apply sqrt_lt_R0; lra).
  destruct (Hs (fun c => match c with O => x | _ => - x end)) as [_ H1].
  destruct (Hs (fun c => match c with O => - x | _ => x end)) as [_ H2].
  rewrite !enorm_sq in H1, H2. unfold cross_entropy in H1, H2. rewrite Hp in H1, H2. cbn [seq lsum] in H1, H2.
  rewrite exp_0, !Rplus_0_r in H1, H2. rewrite (Rplus_comm (exp (- x))) in H2.
  assert (Hcosh : 2 + x^2 <= exp x + exp (- x)).
  { set (r := x / 2). assert (Hr : 0 < r) by (unfold r; lra).
    assert (Hsinh : 2 * r <= exp r - exp (- r)).
    { destruct (MVT_cor2 (fun t => exp t - exp (- t)) (fun t => exp t - exp (- t) * -1) 0 r Hr) as (c & E & _).
      - intros c _. apply (derivable_pt_lim_minus exp (fun t => exp (- t))); [apply derivable_pt_lim_exp|].
        apply (derivable_pt_lim_comp (fun t => - t) exp); [|apply derivable_pt_lim_exp].
        replace (fun t => - t) with (- id)%F by (apply functional_extensionality; reflexivity).
        apply (derivable_pt_lim_opp id c 1), derivable_pt_lim_id.
      - rewrite Ropp_0, exp_0 in E.
        assert (Hc : 2 <= exp c - exp (- c) * -1).
        { pose proof (exp_pos c) as Hp1. pose proof (exp_pos (- c)) as Hp2.
          assert (E1 : exp c * exp (- c) = 1) by (rewrite <- exp_plus, Rplus_opp_r, exp_0; easy).
          pose proof (pow2_ge_0 (exp c - exp (- c))). nra. }
        nra. }
    assert (Ep : exp x = exp r * exp r) by (rewrite <- exp_plus; f_equal; unfold r; field).
    assert (Em : exp (- x) = exp (- r) * exp (- r)) by (rewrite <- exp_plus; f_equal; unfold r; field).
    assert (E1 : exp r * exp (- r) = 1) by (rewrite <- exp_plus, Rplus_opp_r, exp_0; easy).
    assert (Hsq : (2 * r)^2 <= (exp r - exp (- r))^2) by (apply pow_incr; lra).
    rewrite Ep, Em. replace (x^2) with ((2 * r)^2) by (unfold r; field). nra. }
  set (C := exp x + exp (- x)) in *.
  assert (Hln : x^2 / (2 + x^2) <= ln C - ln 2).
  { assert (H0 : 0 < C) by lra.
    assert (Hinv : ln (2 / C) <= 2 / C - 1).
    { assert (Hpos : 0 < 2 / C) by (apply Rdiv_lt_0_compat; lra). pose proof (exp_ineq1_le (ln (2 / C))) as He.
      rewrite exp_ln in He by easy. lra. }
    unfold Rdiv in Hinv at 1. rewrite ln_mult, ln_Rinv in Hinv by (try apply Rinv_0_lt_compat; lra).
    assert (2 / C <= 2 / (2 + x^2)).
    { unfold Rdiv. apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; lra. }
    replace (x^2 / (2 + x^2)) with (1 - 2 / (2 + x^2)) by (field; lra). lra. }
  replace (1 + 1) with 2 in H1, H2 by ring.
  assert (Hbound : ln C - ln 2 <= beta * x^2) by lra.
  assert (Hfrac : x^2 / (2 + x^2) <= beta * x^2) by (eapply Rle_trans; [exact Hln | exact Hbound]).
  apply (Rmult_le_compat_r (2 + x^2)) in Hfrac; [|lra]. unfold Rdiv in Hfrac.
  rewrite Rmult_assoc, Rinv_l, Rmult_1_r in Hfrac by lra.
  rewrite Hx in Hfrac. set (g := 1 / 2 - beta) in *. replace beta with (1 / 2 - g) in Hfrac by (unfold g; ring).
  assert (0 < g) by (unfold g; lra). assert (0 < g * g) by nra. assert (0 < g * g * g) by nra. lra.
Qed.
