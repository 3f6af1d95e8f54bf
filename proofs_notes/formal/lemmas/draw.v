(** One neuron of g*, drawn at random: some neuron, scaled, is no worse than the mean of all (Maurey; Frank-Wolfe), up
    to the variance of the draw; and some l draws are no worse than the mean up to the variance over l. The draw is
    finite, so "some" is found without a measure. g* = (w, v) has any width.

    Definitions: [unit_effect], h_i = v_i [w_i.x]_+, a function; [effect_mass], H* = sum_i ||h_i||; [variance], v* =
    H*^2 - ||g*||^2.
    Statements: C3, C7. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import moment losses slots smooth.
Import ListNotations.
Open Scope R_scope.

(** weights q_i >= 0 whose mean of T is at most b: some T_i with q_i > 0 is at most q_i b *)
Lemma some_below_mean l (q T : nat -> R) b : (forall i, (i < l)%nat -> 0 <= q i) ->
  (forall i, (i < l)%nat -> q i = 0 -> T i = 0) -> 0 < \sum_(i < l) q i -> \sum_(i < l) T i <= (\sum_(i < l) q i) * b ->
  exists i, (i < l)%nat /\ 0 < q i /\ T i <= q i * b.
Proof.
  intros Hq H0 Hpos Hmean.
  destruct (Forall_Exists_dec (fun i => ~ (0 < q i /\ T i <= q i * b)) ltac:(intros i; destruct (Rlt_dec 0 (q i));
    destruct (Rle_dec (T i) (q i * b)); tauto) (seq 0 l)) as [Hno|Hyes].
  - exfalso. rewrite Forall_forall in Hno.
    assert (Hge : forall i, In i (seq 0 l) -> 0 <= T i - q i * b).
    { intros i Hi. pose proof (Hno i Hi) as H. apply in_rng in Hi. destruct (Req_dec (q i) 0) as [E|E].
      - rewrite (H0 i Hi E), E. lra.
      - destruct (Hq i Hi) as [Hp|Hp]; [|congruence]. destruct (Rle_dec (T i) (q i * b)) as [Hle|Hgt];
          [exfalso; now apply H | apply Rnot_le_lt in Hgt; lra]. }
    destruct (Forall_Exists_dec (fun i => q i <= 0) (fun i => Rle_dec (q i) 0) (seq 0 l)) as [Hz|Hz].
    + rewrite Forall_forall in Hz. assert (\sum_(i < l) q i <= \sum_(i < l) 0) by (apply lsum_le; exact Hz).
      rewrite (lsum_zero _ (fun _ => 0)) in H by easy. lra.
    + apply Exists_exists in Hz. destruct Hz as (i & Hi & Hqi). apply Rnot_le_lt in Hqi.
      pose proof (lsum_term (seq 0 l) (fun i => T i - q i * b) i Hge Hi) as H. cbv beta in H.
      rewrite lsum_minus, lsum_scal_r in H.
      change (T i - q i * b <= \sum_(i < l) T i - (\sum_(i < l) q i) * b) in H.
      destruct (Rle_dec (T i) (q i * b)) as [Hle|Hgt]; [now apply (Hno i Hi) | apply Rnot_le_lt in Hgt; lra].
  - apply Exists_exists in Hyes. destruct Hyes as (i & Hi & H). exists i. apply in_rng in Hi. split; [easy|].
    destruct (Rlt_dec 0 (q i)); destruct (Rle_dec (T i) (q i * b)); tauto.
Qed.

Section Draw.
Variables (X : data) (l : nat) (w v : matrix).

(** what neuron i of g* contributes *)
Definition unit_effect (i : nat) : nat -> vector := fun k c => v i c * relu (dot X (w i) (input X k)).
(** "H* = sum ||V*_k z*_k||" *)
Definition effect_mass : R := \sum_(i < l) fnorm X (unit_effect i).
(** "v* = H*^2 - ||g*||^2" *)
Definition variance : R := effect_mass^2 - (fnorm X (two_layer X l w v))^2.

Lemma two_layer_units : two_layer X l w v = fun k c => \sum_(i < l) (unit_effect i k c).
Proof. reflexivity. Qed.

Lemma unit_norm sigma i : moment X sigma ->
  fnorm X (unit_effect i) <= sigma * (enorm (seen X) (w i) * enorm (outputs X) (v i)).
Proof.
  intros Hs. unfold fnorm.
  pose proof (l2norm_rank1_sum X (outputs X) [i] (fun i k => relu (dot X (w i) (input X k))) v) as H. cbn [lsum] in H.
  rewrite !Rplus_0_r in H.
  replace (fun k c => v i c * relu (dot X (w i) (input X k)) + 0) with (unit_effect i) in H
    by (apply matrix_ext; intros; unfold unit_effect; ring).
  eapply Rle_trans; [exact H|].
  pose proof (L2_moment X sigma (w i) (fun _ => 0) Hs) as HL. unfold feature_distance in HL.
  replace (fun k => relu (dot X (w i) (input X k)) - relu (dot X (fun _ => 0) (input X k)))
    with (fun k => relu (dot X (w i) (input X k))) in HL.
  - rewrite (enorm_ext (seen X) _ (w i)) in HL by (intros; ring). pose proof (enorm_nonneg (outputs X) (v i)). nra.
  - apply functional_extensionality; intros k. replace (dot X (fun _ => 0) (input X k)) with 0
      by (symmetry; apply lsum_zero; intros; ring). rewrite (relu_pos 0); lra.
Qed.

Lemma effect_mass_nonneg : 0 <= effect_mass.
Proof. apply lsum_nonneg; intros; apply fnorm_nonneg. Qed.

Lemma effect_mass_bound sigma : moment X sigma -> effect_mass <= sigma * two_layer_mass X l w v.
Proof.
  intros Hs. unfold effect_mass, two_layer_mass. rewrite <- lsum_scal. apply lsum_le; intros; now apply unit_norm.
Qed.

Lemma variance_effect : variance <= effect_mass^2.
Proof. unfold variance. pose proof (pow2_ge_0 (fnorm X (two_layer X l w v))). lra. Qed.

Lemma variance_bound sigma : moment X sigma -> variance <= (sigma * two_layer_mass X l w v)^2.
Proof.
  intros Hs. eapply Rle_trans; [apply variance_effect|]. apply pow_incr.
  split; [apply effect_mass_nonneg | now apply effect_mass_bound].
Qed.

Lemma two_layer_effect : fnorm X (two_layer X l w v) <= effect_mass.
Proof.
  apply (wnorm_sum _ _ (weight_fst X) (seq 0 l) (fun i kc => unit_effect i (fst kc) (snd kc))).
Qed.

(** "K = any of sigma S* >= H* >= sqrt(v* )" *)
Theorem C7_constants sigma : moment X sigma ->
  0 <= variance /\ variance <= effect_mass^2 /\ 0 <= effect_mass <= sigma * two_layer_mass X l w v.
Proof.
  intros Hs. pose proof effect_mass_nonneg. split; [|split; [apply variance_effect | split;
    [easy | now apply effect_mass_bound]]].
  unfold variance. pose proof two_layer_effect. pose proof (fnorm_nonneg X (two_layer X l w v)).
  assert ((fnorm X (two_layer X l w v))^2 <= effect_mass^2) by (apply pow_incr; lra). lra.
Qed.

(** one draw, neuron i with probability q_i / sum q, where ||h_i|| <= s q_i *)
Lemma draw Phi beta (q : nat -> R) s f e : smooth X beta Phi -> 0 <= s -> 0 <= e ->
  (forall i, (i < l)%nat -> 0 <= q i /\ fnorm X (unit_effect i) <= s * q i) ->
  let Q := \sum_(i < l) q i in
  exists i a, ((i < l)%nat \/ a = 0) /\ 0 <= a /\ a * q i = e * Q /\ Phi (fun k c => f k c + a * unit_effect i k c)
    <= Phi (fun k c => f k c + e * two_layer X l w v k c)
       + beta / 2 * (e^2 * ((s * Q)^2 - (fnorm X (two_layer X l w v))^2)).
Proof.
  intros HPhi Hs He Hq Q. pose proof HPhi as [Hbeta Hsm].
  assert (HQ : 0 <= Q) by (apply lsum_nonneg; intros i Hi; apply in_rng in Hi; now apply Hq).
  set (g := two_layer X l w v). set (u := fun k c => f k c + e * g k c). destruct (Hsm u) as (r & Hr).
  destruct (Req_dec Q 0) as [E|E].
  - (* nothing to draw: g vanishes on the data *)
    exists O, 0. split; [now right|]. split; [lra|]. split; [rewrite E; ring|].
    assert (Hg0 : fnorm X g = 0).
    { apply Rle_antisym; [|apply fnorm_nonneg]. eapply Rle_trans; [apply two_layer_effect|].
      apply Rle_trans with (s * Q); [|rewrite E; lra]. unfold effect_mass, Q. rewrite <- lsum_scal.
      apply lsum_le; intros i Hi.
      apply in_rng in Hi. now apply Hq. }
    destruct (Hr (fun k c => (- e) * g k c)) as [_ Hup].
    replace (fun k c => u k c + - e * g k c) with f in Hup by (apply matrix_ext; intros; unfold u; ring).
    rewrite inner_scal, (inner_null X r g Hg0), fnorm_scal, Hg0 in Hup.
    replace (fun k c => f k c + 0 * unit_effect 0 k c) with f by (apply matrix_ext; intros; ring).
    fold g. rewrite E, Hg0. fold u. lra.
  - assert (HQp : 0 < Q) by lra. set (b := Phi u + beta / 2 * (e^2 * ((s * Q)^2 - (fnorm X g)^2))).
    set (T := fun i => q i * Phi u + e * Q * inner X r (unit_effect i) - q i * (e * inner X r g)
      + beta / 2 * ((e * Q)^2 * (s^2 * q i) - 2 * e * (e * Q) * inner X (unit_effect i) g
          + q i * (e^2 * (fnorm X g)^2))).
    destruct (some_below_mean l q T b) as (i & Hi & Hqi & HT).
    + intros i Hi. now apply Hq.
    + intros i Hi E0. destruct (Hq i Hi) as [_ Hn]. rewrite E0, Rmult_0_r in Hn.
      assert (Hz : fnorm X (unit_effect i) = 0) by (pose proof (fnorm_nonneg X (unit_effect i)); lra).
      unfold T. rewrite E0, (inner_null X r _ Hz), (inner_sym X (unit_effect i) g), (inner_null X g _ Hz). ring.
    + exact HQp.
    + right. unfold T. rewrite !lsum_plus, !lsum_minus, !lsum_scal, !lsum_plus, !lsum_scal_r, !lsum_minus, !lsum_scal.
      rewrite <- inner_sum, <- two_layer_units. fold g.
      assert (Eg : \sum_(i < l) (inner X (unit_effect i) g) = (fnorm X g)^2).
      { rewrite <- inner_self. transitivity (inner X g (fun k c => \sum_(i < l) (unit_effect i k c))); [|reflexivity].
        rewrite inner_sum. apply lsum_ext; intros; apply inner_sym. }
      rewrite Eg. change (lsum (seq 0 l) q) with Q. fold Q. unfold b. ring.
    + exists i, (e * Q / q i). split; [now left|]. split; [|split].
      * apply Rmult_le_pos; [now apply Rmult_le_pos | left; now apply Rinv_0_lt_compat].
      * field. lra.
      * set (a := e * Q / q i). set (h := unit_effect i). fold g u b.
        destruct (Hr (fun k c => a * h k c + - e * g k c)) as [_ Hup].
        replace (fun k c => u k c + (a * h k c + - e * g k c)) with (fun k c => f k c + a * h k c) in Hup
          by (apply matrix_ext; intros; unfold u; ring).
        rewrite inner_plus, !inner_scal in Hup.
        pose proof (fnorm_shift X (fun k c => a * h k c) g (- e)) as Hs2. rewrite fnorm_scal, inner_scal_l in Hs2.
        rewrite Hs2 in Hup. destruct (Hq i Hi) as [_ Hn]. fold h in Hn.
        assert (Hh : a^2 * (fnorm X h)^2 <= (e * Q)^2 * s^2).
        { apply Rle_trans with (a^2 * (s * q i)^2).
          - apply Rmult_le_compat_l; [apply pow2_ge_0|]. apply pow_incr. split; [apply fnorm_nonneg | easy].
          - right. unfold a. field. lra. }
        apply (Rmult_le_reg_l (q i)); [easy|]. eapply Rle_trans; [|exact HT].
        apply Rle_trans with (q i * (Phi u + (a * inner X r h + - e * inner X r g)
          + beta / 2 * ((e * Q)^2 * s^2 + 2 * - e * (a * inner X h g) + (- e)^2 * (fnorm X g)^2))).
        -- apply Rmult_le_compat_l; [lra|]. eapply Rle_trans; [exact Hup|].
          apply Rplus_le_compat_l, Rmult_le_compat_l; lra.
        -- right. unfold T. fold h. assert (Ea : q i * a = e * Q) by (unfold a; field; lra).
           transitivity (q i * Phi u + q i * a * inner X r h - q i * (e * inner X r g)
             + beta / 2 * ((e * Q)^2 * (s^2 * q i) - 2 * e * (q i * a) * inner X h g + q i * (e^2 * (fnorm X g)^2)));
                 [ring|].
           rewrite Ea. ring.
Qed.

(** n draws, one after the other, each of e/n: the variance over n *)
Lemma draws Phi beta (q : nat -> R) s f e n : smooth X beta Phi -> 0 <= s -> 0 <= e -> (0 < n)%nat ->
  (forall i, (i < l)%nat -> 0 <= q i /\ fnorm X (unit_effect i) <= s * q i) ->
  let Q := \sum_(i < l) q i in
  exists (pick : nat -> nat) (a : nat -> R), (forall k, (k < n)%nat -> ((pick k < l)%nat \/ a k = 0) /\ 0 <= a k /\
      a k * q (pick k) = e / INR n * Q) /\
    Phi (fun x c => f x c + \sum_(k < n) (a k * unit_effect (pick k) x c))
    <= Phi (fun k c => f k c + e * two_layer X l w v k c)
       + beta / 2 * (e^2 * ((s * Q)^2 - (fnorm X (two_layer X l w v))^2) / INR n).
Proof.
  intros HPhi Hs He Hn Hq Q. assert (HnR : 0 < INR n) by (now apply lt_0_INR). set (d := e / INR n).
  assert (Hd : 0 <= d) by (apply Rmult_le_pos; [easy | left; now apply Rinv_0_lt_compat]).
  set (g := two_layer X l w v). set (vs := (s * Q)^2 - (fnorm X g)^2).
  assert (Hstep : forall k, (k <= n)%nat -> exists (pick : nat -> nat) (a : nat -> R),
    (forall i, (i < k)%nat -> ((pick i < l)%nat \/ a i = 0) /\ 0 <= a i /\ a i * q (pick i) = d * Q) /\
    Phi (fun x c => f x c + \sum_(i < k) (a i * unit_effect (pick i) x c) + INR (n - k) * d * g x c)
    <= Phi (fun x c => f x c + e * g x c) + INR k * (beta / 2 * (d^2 * vs))).
  { induction k as [|k IH]; intros Hk.
    - exists (fun _ => O), (fun _ => 0). split; [intros; lia|]. right. rewrite Nat.sub_0_r. cbn [seq lsum INR].
      rewrite Rmult_0_l, Rplus_0_r. f_equal. apply matrix_ext; intros. unfold d. field. lra.
    - destruct (IH ltac:(lia)) as (pick & a & Ha & HP).
      set (f' := fun x c => f x c + \sum_(i < k) (a i * unit_effect (pick i) x c) + INR (n - S k) * d * g x c).
      destruct (draw Phi beta q s f' d HPhi Hs Hd Hq) as (i & b & Hi & Hb & Hbq & HP'). fold Q g vs in Hbq, HP'.
      exists (fun j => if Nat.eqb j k then i else pick j), (fun j => if Nat.eqb j k then b else a j). split.
      + intros j Hj. destruct (Nat.eqb_spec j k) as [->|Hne]; [easy|]. apply Ha. lia.
      + replace (fun x c => f x c + \sum_(j < S k) ((if Nat.eqb j k then b else a j)
            * unit_effect (if Nat.eqb j k then i else pick j) x c) + INR (n - S k) * d * g x c)
          with (fun x c => f' x c + b * unit_effect i x c).
        * eapply Rle_trans; [exact HP'|]. replace (fun x c => f' x c + d * g x c) with
            (fun x c => f x c + \sum_(j < k) (a j * unit_effect (pick j) x c) + INR (n - k) * d * g x c).
          -- rewrite S_INR. lra.
          -- apply matrix_ext; intros x c. unfold f'. replace (n - k)%nat with (S (n - S k)) by lia. rewrite S_INR.
            ring.
        * apply matrix_ext; intros x c. rewrite seq_S, lsum_app. cbn [lsum Nat.add]. rewrite !Nat.eqb_refl. unfold f'.
          rewrite (lsum_ext (seq 0 k) (fun j => (if Nat.eqb j k then b else a j) * _) (fun j => a j * unit_effect
            (pick j) x c)).
          -- ring.
          -- intros j Hj. apply in_rng in Hj. now rewrite (proj2 (Nat.eqb_neq j k)) by lia. }
  destruct (Hstep n (Nat.le_refl n)) as (pick & a & Ha & HP). exists pick, a. split; [easy|].
  rewrite Nat.sub_diag in HP.
  replace (fun x c => f x c + \sum_(k < n) (a k * unit_effect (pick k) x c)) with
    (fun x c => f x c + \sum_(i < n) (a i * unit_effect (pick i) x c) + INR 0 * d * g x c)
    by (apply matrix_ext; intros; simpl; ring).
  eapply Rle_trans; [exact HP|]. apply Rplus_le_compat_l. right. unfold d. field. lra.
Qed.

(** the draw by ||h_i||: variance v* *)
Lemma effect_weights i : (i < l)%nat -> 0 <= fnorm X (unit_effect i) /\ fnorm X (unit_effect i)
  <= 1 * fnorm X (unit_effect i).
Proof. intros _. pose proof (fnorm_nonneg X (unit_effect i)). lra. Qed.

(** the draw by s_i = ||w_i|| ||v_i||: variance (sigma S* )^2 - ||g*||^2, and the mass is kept *)
Lemma mass_weights sigma i : moment X sigma -> (i < l)%nat -> 0 <= enorm (seen X) (w i) * enorm (outputs X) (v i) /\
  fnorm X (unit_effect i) <= sigma * (enorm (seen X) (w i) * enorm (outputs X) (v i)).
Proof. intros Hs _. split; [apply Rmult_le_pos; apply enorm_nonneg | now apply unit_norm]. Qed.

(** C3, Maurey: n neurons of any two-layer network reach its loss up to v*/n *)
Theorem C3_maurey n : (0 < n)%nat -> exists w' v',
  squared X (two_layer X n w' v') <= squared X (two_layer X l w v) + variance / INR n.
Proof.
  intros Hn.
  destruct (draws (squared X) 2 (fun i => fnorm X (unit_effect i)) 1 (fun _ _ => 0) 1 n (T7L_squared X) Rle_0_1
    Rle_0_1 Hn
    effect_weights) as (pick & a & _ & H).
  exists (fun k => w (pick k)), (fun k c => a k * v (pick k) c).
  replace (fun x c => 0 + \sum_(k < n) (a k * unit_effect (pick k) x c))
    with (two_layer X n (fun k => w (pick k)) (fun k c => a k * v (pick k) c)) in H.
  - replace (fun k c => 0 + 1 * two_layer X l w v k c) with (two_layer X l w v) in H by (apply matrix_ext; intros;
      ring).
    eapply Rle_trans; [exact H|]. right. unfold variance, effect_mass. field.
    apply not_0_INR. lia.
  - apply matrix_ext; intros x c. rewrite Rplus_0_l. apply lsum_ext; intros k _. unfold unit_effect. ring.
Qed.

(** "sqrt e(n) <= sqrt e(inf) + S_inf sigma/sqrt n" *)
Theorem C3_maurey_root n sigma : (0 < n)%nat -> moment X sigma -> exists w' v',
  sqrt (squared X (two_layer X n w' v')) <= sqrt (squared X (two_layer X l w v))
    + sigma * two_layer_mass X l w v / sqrt (INR n).
Proof.
  intros Hn Hs. destruct (C3_maurey n Hn) as (w' & v' & H). exists w', v'.
  assert (HnR : 0 < INR n) by (now apply lt_0_INR). assert (Hrt : 0 < sqrt (INR n)) by (now apply sqrt_lt_R0).
  set (K := sigma * two_layer_mass X l w v).
  assert (HK : 0 <= K) by (eapply Rle_trans; [apply effect_mass_nonneg | now apply effect_mass_bound]).
  assert (Hk : 0 <= K / sqrt (INR n)) by (apply Rmult_le_pos; [easy | left; now apply Rinv_0_lt_compat]).
  pose proof (sqrt_pos (squared X (two_layer X l w v))) as H0.
  rewrite <- (sqrt_pow2 (sqrt (squared X (two_layer X l w v)) + K / sqrt (INR n))) by lra. apply sqrt_le_1_alt.
  assert (E : (K / sqrt (INR n))^2 = K^2 / INR n).
  { unfold Rdiv. rewrite Rpow_mult_distr, pow_inv, pow2_sqrt by lra. ring. }
  pose proof (pow2_sqrt _ (squared_nonneg X (two_layer X l w v))) as E0.
  pose proof (variance_bound sigma Hs) as Hv. fold K in Hv.
  assert (Hv' : variance / INR n <= K^2 / INR n) by (apply Rmult_le_compat_r; [left;
    now apply Rinv_0_lt_compat | exact Hv]).
  pose proof (Rmult_le_pos _ _ H0 Hk). lra.
Qed.
End Draw.
