(** C2T [ours; Maurey known] (blueprint-2, section 4), TWO-LAYER: any two points of a sub-level set are joined a little
    above it, without a reference and without a threshold. Half of the own neurons, drawn, are as good as all of them
    up to the variance of the draw; half-and-half (T6) joins what half of the neurons reach. The draw is one
    conditional expectation after the other, and it is the loss itself that it keeps: the level rises by
    sigma^2 S^2/floor(m/2), which is less than the blueprint's step in roots.

    Definitions: none.
    Statements: C2T. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean paths selection.
From Skipscape.networks Require Import networks blocks.
From Skipscape.lemmas Require Import readout losses slots smooth draw.
From Skipscape.routes Require Import route refit.
From Skipscape.theorems Require Import bridge.
Import ListNotations.
Open Scope R_scope.

(** a list of distinct slots, made longer *)
Lemma padded m K h : NoDup K -> (forall j, In j K -> (j < m)%nat) -> (length K <= h)%nat -> (h <= m)%nat ->
  exists J, slots m h J /\ incl K J.
Proof.
  intros HN HK HL Hh. exists (K ++ firstn (h - length K) (others m K)). split; [split; [|split]|].
  - apply NoDup_app; [easy | |].
    + pose proof (firstn_skipn (h - length K) (others m K)) as E.
      assert (HO : NoDup (others m K)) by apply NoDup_filter, seq_NoDup. rewrite <- E in HO.
      now apply NoDup_app_l in HO.
    + intros j Hj Hin. assert (Ho : In j (others m K)).
      { rewrite <- (firstn_skipn (h - length K) (others m K)). apply in_or_app. now left. }
      apply in_others in Ho. now apply Ho.
  - pose proof (others_length m K HN HK). rewrite app_length, firstn_length. lia.
  - intros j Hj. apply in_app_or in Hj. destruct Hj as [Hj|Hj]; [now apply HK|].
    assert (Ho : In j (others m K)).
    { rewrite <- (firstn_skipn (h - length K) (others m K)). apply in_or_app. now left. }
    now apply in_others in Ho.
  - intros j Hj. apply in_or_app. now left.
Qed.

Section Halves.
Variables (X : data) (m : nat).
Variables (Phi : (nat -> vector) -> R) (beta sigma : R).
Hypothesis HPhi : smooth X beta Phi.
Hypothesis Hsigma : moment X sigma.

(** Maurey: h of the neurons, with other readouts, are no worse than all up to the variance over h *)
Lemma own_half P h : (0 < h)%nat -> exists (K : list nat) (v : matrix),
  NoDup K /\ (length K <= h)%nat /\ (forall j, In j K -> (j < m)%nat) /\ (forall j, ~ In j K -> forall c, v j c = 0) /\
  two_layer_mass X m (W P) v <= two_layer_mass X m (W P) (V P) /\
  Phi (two_layer X m (W P) v) <= Phi (skip X m P) + beta / 2 *
    (((sigma * two_layer_mass X m (W P) (V P))^2 - (fnorm X (skip X m P))^2) / INR h).
Proof.
  intros Hh. set (w := W P). set (q := fun j => enorm (seen X) (w j) * enorm (outputs X) (V P j)).
  destruct (draws X m w (V P) Phi beta q sigma (fun _ _ => 0) 1 h HPhi (proj1 Hsigma) Rle_0_1 Hh
    (fun i Hi => mass_weights X m w (V P) sigma i Hsigma Hi)) as (pick & a & Hpick & Hdraw).
  set (K := nodup Nat.eq_dec (filter (fun j => Nat.ltb j m) (map pick (seq 0 h)))).
  set (v := fun j c => \sum_(k < h) (if Nat.eqb (pick k) j then a k * V P j c else 0)).
  assert (HKin : forall j, In j K <-> (j < m)%nat /\ exists k, (k < h)%nat /\ pick k = j).
  { intros j. unfold K. rewrite nodup_In, filter_In, in_map_iff. split.
    - intros [(k & Hk & Hin) Hj]. apply Nat.ltb_lt in Hj. split; [easy|]. exists k. apply in_rng in Hin. easy.
    - intros [Hj (k & Hk & E)]. split; [exists k; split; [easy | now apply in_rng] | now apply Nat.ltb_lt]. }
  exists K, (fun j c => if mem j K then v j c else 0). split; [apply NoDup_nodup|]. split; [|split; [|split; [|split]]].
  - eapply Nat.le_trans; [apply NoDup_incl_length with (l' := map pick (seq 0 h)); [apply NoDup_nodup|]|].
    + intros j Hj. apply HKin in Hj. destruct Hj as [_ (k & Hk & <-)]. apply in_map. now apply in_rng.
    + now rewrite map_length, seq_length.
  - intros j Hj. now apply HKin in Hj.
  - intros j Hj c. apply mem_false in Hj. now rewrite Hj.
  - (* the draw keeps the mass *)
    assert (HhR : 0 < INR h) by now apply lt_0_INR. set (Qm := \sum_(j < m) q j).
    assert (HQ0 : 0 <= Qm) by (apply lsum_nonneg; intros; apply Rmult_le_pos; apply enorm_nonneg).
    apply Rle_trans with (\sum_(j < m) \sum_(k < h) (if Nat.eqb (pick k) j then a k * q j else 0)).
    + apply lsum_le; intros j _. apply Rle_trans with (enorm (seen X) (w j) * enorm (outputs X) (v j)).
      { apply Rmult_le_compat_l; [apply enorm_nonneg|]. destruct (mem j K); [right; now apply enorm_ext|].
        rewrite enorm_zero by easy. apply enorm_nonneg. }
      rewrite (enorm_ext (outputs X) (v j) (fun c => (\sum_(k < h) (if Nat.eqb (pick k) j then a k else 0)) * V P j c)).
      2:{ intros c _. unfold v. rewrite <- lsum_scal_r. apply lsum_ext; intros k _. destruct (Nat.eqb (pick k) j); ring. }
      rewrite enorm_scal_pos.
      2:{ apply lsum_nonneg; intros k Hk. apply in_rng in Hk. destruct (Nat.eqb (pick k) j); [|lra]. apply (Hpick k Hk). }
      right. rewrite (lsum_ext _ (fun k => if Nat.eqb (pick k) j then a k * q j else 0)
        (fun k => (if Nat.eqb (pick k) j then a k else 0) * q j)) by (intros k _; destruct (Nat.eqb (pick k) j); ring).
      rewrite lsum_scal_r. unfold q. ring.
    + rewrite lsum_swap. apply Rle_trans with (\sum_(k < h) (1 / INR h * Qm)).
      * apply lsum_le; intros k Hk. apply in_rng in Hk. destruct (Hpick k Hk) as [Hor [Ha0 Hmass]]. fold Qm in Hmass.
        destruct (lt_dec (pick k) m) as [Hlt|Hge].
        -- rewrite (lsum_delta m (pick k) (fun j => a k * q j) Hlt), Hmass. apply Rle_refl.
        -- rewrite lsum_zero.
           ++ apply Rmult_le_pos; [|exact HQ0]. apply Rmult_le_pos; [lra | left; now apply Rinv_0_lt_compat].
           ++ intros j Hj. apply in_rng in Hj. destruct (Nat.eqb_spec (pick k) j); [lia | easy].
      * rewrite lsum_const, seq_length. right. unfold two_layer_mass. fold Qm. change (INR h * (1 / INR h * Qm) = Qm).
        field. lra.
  - assert (E : two_layer X m w (fun j c => if mem j K then v j c else 0)
      = fun k c => 0 + \sum_(i < h) (a i * unit_effect X w (V P) (pick i) k c)).
    { apply matrix_ext; intros k c. unfold two_layer. rewrite Rplus_0_l.
      transitivity (\sum_(j < m) (\sum_(i < h) (if Nat.eqb (pick i) j
        then a i * unit_effect X w (V P) j k c else 0))).
      - apply lsum_ext; intros j Hj. apply in_rng in Hj. destruct (mem j K) eqn:EK.
        + unfold v. rewrite <- lsum_scal_r. apply lsum_ext; intros i _. unfold unit_effect.
          destruct (Nat.eqb (pick i) j); ring.
        + rewrite Rmult_0_l. symmetry. apply lsum_zero. intros i Hi. apply in_rng in Hi.
          destruct (Nat.eqb_spec (pick i) j) as [Ei|_]; [|easy]. exfalso. apply mem_false in EK. apply EK, HKin.
          split; [easy | now exists i].
      - rewrite lsum_swap. apply lsum_ext; intros i Hi. apply in_rng in Hi.
        destruct (Hpick i Hi) as [[Hm|Ha] _].
        + rewrite (lsum_delta m (pick i) (fun j => a i * unit_effect X w (V P) j k c) Hm). easy.
        + rewrite Ha, Rmult_0_l. apply lsum_zero. intros j _. destruct (Nat.eqb (pick i) j); ring. }
    rewrite E. eapply Rle_trans; [exact Hdraw|]. right.
    replace (fun k c => 0 + 1 * two_layer X m w (V P) k c) with (skip X m P)
      by (apply matrix_ext; intros; unfold skip, two_layer, feature, w; ring).
    replace (two_layer X m w (V P)) with (skip X m P) by reflexivity.
    replace (1 ^ 2) with 1 by ring. rewrite Rmult_1_l. reflexivity.
Qed.

(** any loss that is convex and beta-smooth in the outputs *)
Theorem C2T_smooth P P' mass level : (2 <= m)%nat ->
  two_layer_mass X m (W P) (V P) <= mass -> two_layer_mass X m (W P') (V P') <= mass ->
  Phi (skip X m P) <= level -> Phi (skip X m P') <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    Phi (skip X m (gam t)) <= level + beta / 2 * ((sigma * mass)^2 / INR (m / 2)).
Proof.
  intros Hm HS HS' HL HL'. set (h := (m / 2)%nat).
  assert (Hh : (0 < h)%nat) by (apply Nat.div_str_pos; lia).
  assert (Hhm : (h + h <= m)%nat) by (pose proof (Nat.mul_div_le m 2); unfold h; lia).
  set (c := level + _). pose proof HPhi as [Hbeta _]. pose proof Hsigma as [Hs0 _].
  assert (HhR : 0 < / INR h) by now apply Rinv_0_lt_compat, lt_0_INR.
  assert (Hhalf : forall R0, two_layer_mass X m (W R0) (V R0) <= mass -> Phi (skip X m R0) <= level ->
    exists K v, NoDup K /\ (length K <= h)%nat /\ (forall j, In j K -> (j < m)%nat) /\
      (forall j, ~ In j K -> forall i, v j i = 0) /\ Phi (two_layer X m (W R0) v) <= c).
  { intros R0 HS0 HL0. destruct (own_half R0 h Hh) as (K & v & HN & HLen & HK & H0 & _ & HV). exists K, v.
    repeat split; try easy. eapply Rle_trans; [exact HV|]. unfold c. apply Rplus_le_compat; [easy|].
    apply Rmult_le_compat_l; [lra|]. apply Rmult_le_compat_r; [lra|].
    assert (0 <= two_layer_mass X m (W R0) (V R0)) by (apply lsum_nonneg; intros; apply Rmult_le_pos; apply enorm_nonneg).
    assert (sigma * two_layer_mass X m (W R0) (V R0) <= sigma * mass) by now apply Rmult_le_compat_l.
    assert (0 <= sigma * two_layer_mass X m (W R0) (V R0)) by now apply Rmult_le_pos.
    pose proof (pow2_ge_0 (fnorm X (skip X m R0))).
    assert ((sigma * two_layer_mass X m (W R0) (V R0))^2 <= (sigma * mass)^2) by (apply pow_incr; lra). lra. }
  assert (Hc : level <= c).
  { unfold c. assert (0 <= beta / 2 * ((sigma * mass)^2 / INR h)); [|lra].
    apply Rmult_le_pos; [lra|]. apply Rmult_le_pos; [apply pow2_ge_0 | lra]. }
  destruct (Hhalf P HS HL) as (K & v & HN & HLen & HK & H0 & HV).
  destruct (Hhalf P' HS' HL') as (K' & v' & HN' & HLen' & HK' & H0' & HV').
  destruct (padded m K (m - h) HN HK) as (I & HI & HKI); [lia | lia|].
  assert (HJ : slots m h (others m I)).
  { split; [apply NoDup_filter, seq_NoDup|]. split.
    - destruct HI as (HIN & HIL & HIm). pose proof (others_length m I HIN HIm). lia.
    - intros j Hj. now apply in_others in Hj. }
  destruct (padded m K' h HN' HK' HLen') as (J' & HJ' & HKJ'); [lia|].
  assert (Eoff : forall R0, parallel X m no_blocks R0 = skip X m R0).
  { intros R0. apply matrix_ext; intros k b. unfold parallel, deep. simpl. ring. }
  assert (Efit : forall R0 u, parallel X m no_blocks (refit R0 u) = two_layer X m (W R0) u).
  { intros R0 u. rewrite Eoff. reflexivity. }
  destruct (T6_half X m no_blocks Phi (convex_max_at_ends Phi (smooth_convex X beta Phi HPhi)) c P P' h
    (others m I) J' v v') as (gam & Hg & g0 & g1 & Hgam); try easy.
  - lia.
  - intros j Hj i. apply H0. intros Hin. apply in_others in Hj. apply (proj2 Hj), HKI, Hin.
  - intros j Hj i. apply H0'. intros Hin. now apply Hj, HKJ'.
  - unfold loss_of. rewrite Eoff. lra.
  - unfold loss_of. rewrite Eoff. lra.
  - unfold loss_of. now rewrite Efit.
  - unfold loss_of. now rewrite Efit.
  - exists gam. repeat split; try easy. intros t Ht. specialize (Hgam t Ht). unfold loss_of in Hgam.
    now rewrite Eoff in Hgam.
Qed.
End Halves.

(** C2T, squared error: "{L <= lambda + sigma^2 S^2/floor(m/2)}" *)
Theorem C2T_connected X m sigma P P' mass level : moment X sigma -> (2 <= m)%nat ->
  two_layer_mass X m (W P) (V P) <= mass -> two_layer_mass X m (W P') (V P') <= mass ->
  squared X (skip X m P) <= level -> squared X (skip X m P') <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    squared X (skip X m (gam t)) <= level + (sigma * mass)^2 / INR (m / 2).
Proof.
  intros Hs Hm HS HS' HL HL'.
  destruct (C2T_smooth X m (squared X) 2 sigma (T7L_squared X) Hs P P' mass level Hm HS HS' HL HL')
    as (gam & Hg & g0 & g1 & H).
  exists gam. repeat split; try easy. intros t Ht. specialize (H t Ht). lra.
Qed.
