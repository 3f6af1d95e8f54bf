(** C2F+ [ours] (blueprint-2, section 4), TWO-LAYER, F = L + kappa S: any two points of a sub-level set of F are joined
    a little above it. Each descends below mu, a threshold above F of some g* of any width, emptying and refilling one
    slot a round; below mu half of the own neurons, drawn, joins them. Finitely many rounds, counted, so that no
    minimiser is needed.

    Definitions: none.
    Statements: C2F+. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean paths selection.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import readout losses slots regulariser smooth draw.
From Skipscape.routes Require Import route refit.
From Skipscape.theorems Require Import connectivity regularised one_slot emptying one_slot_regularised halves.
Import ListNotations.
Open Scope R_scope.

Section Funnel.
Variables (X : data) (m : nat) (kappa sigma : R).
Hypothesis Hkappa : 0 < kappa.
Hypothesis Hsigma : moment X sigma.
Notation F := (two_layer_F X m kappa).
Notation F_star := (two_layer_objective X kappa).
Notation h P j := (unit_effect X (W P) (V P) j).
Notation ob := (objective X m no_branch (fun _ => 0) (fun _ => 0) kappa).

Lemma F_objective : F = ob.
Proof. apply functional_extensionality; intros P. symmetry. apply no_branch_objective. Qed.

Lemma F_nonneg P : 0 <= F P /\ kappa * \sum_(j < m) (enorm (seen X) (W P j) * enorm (outputs X) (V P j)) <= F P.
Proof.
  unfold two_layer_F. pose proof (squared_nonneg X (skip X m P)).
  assert (0 <= \sum_(j < m) (enorm (seen X) (W P j) * enorm (outputs X) (V P j)))
    by (apply lsum_nonneg; intros; apply Rmult_le_pos; apply enorm_nonneg).
  assert (0 <= kappa * \sum_(j < m) (enorm (seen X) (W P j) * enorm (outputs X) (V P j))) by (apply Rmult_le_pos; lra).
  lra.
Qed.

Lemma F_line c P v u : F P <= c -> F (readout P v u) <= c -> joined (sublevel F c) P (readout P v u).
Proof.
  intros HP HQ. apply joined_line. intros t Ht. unfold sublevel. rewrite F_objective in *.
  eapply Rle_trans; [apply (objective_line X m no_branch _ _ (no_branch_gauges X) kappa); [lra | exact Ht]|]. nra.
Qed.

(** * One round: T7F's step from an empty slot, for any loss that it starts from *)

Lemma F_refill l w v P j c e : (j < m)%nat -> 0 <= e <= 1 -> silent P [j] -> F P <= c ->
  let K := sigma * two_layer_mass X l w v in
  (1 - e) * F P + e * F_star l w v + e^2 * K^2 <= c ->
  exists T, joined (sublevel F c) P T /\ F T <= (1 - e) * F P + e * F_star l w v + e^2 * K^2.
Proof.
  intros Hj He H0 HP K Hend. pose proof Hsigma as [Hs0 _]. rewrite F_objective in *.
  destruct (draw X l w v (squared X) 2 (fun i => enorm (seen X) (w i) * enorm (outputs X) (v i)) sigma
    (fun k a => (1 - e) * parallel X m no_branch P k a) e (T7L_squared X) Hs0 (proj1 He)
    (fun i Hi => mass_weights X l w v sigma i Hsigma Hi))
    as (i & a & _ & Ha & Hmass & Hstep).
  fold (two_layer_mass X l w v) in Hmass, Hstep. rewrite squared_between in Hstep.
  set (T := refilled e [j] (fun _ => w i) (fun _ b => a * v i b) P).
  pose proof (one_slot_slots m j Hj) as HJ.
  assert (ET : parallel X m no_branch T = fun k b => (1 - e) * parallel X m no_branch P k b + a * unit_effect X w v i k b).
  { unfold T. rewrite (refilled_output X m no_branch 1) by easy. apply matrix_ext; intros k b.
    unfold two_layer, unit_effect. cbn [seq lsum]. ring. }
  assert (HST : total_mass X m no_branch (fun _ => 0) (fun _ => 0) T
    <= (1 - e) * total_mass X m no_branch (fun _ => 0) (fun _ => 0) P + e * two_layer_mass X l w v).
  { apply refilled_mass; try easy; [apply no_branch_gauges|]. rewrite <- Hmass, enorm_scal_pos by easy. ring. }
  assert (HT : ob T <= (1 - e) * ob P + e * F_star l w v + e^2 * K^2).
  { unfold objective at 1. rewrite ET. apply (Rmult_le_compat_l kappa) in HST; [|lra].
    unfold objective, two_layer_objective. fold K in Hstep.
    pose proof (pow2_ge_0 (fnorm X (two_layer X l w v))) as Hn1.
    pose proof (pow2_ge_0 (fnorm X (fun k a => parallel X m no_branch P k a - two_layer X l w v k a))) as Hn2.
    assert (0 <= e * (1 - e)) by nra. assert (0 <= e^2) by apply pow2_ge_0. nra. }
  assert (Hload : forall t, ob (lin t P (loaded (fun _ => w i) [j] P)) = ob P).
  { intros t. unfold objective, loaded. rewrite L9_silent by easy. do 2 f_equal.
    rewrite (total_mass_same X m no_branch _ _ P) by (apply load_U || apply load_Q). now apply L10_load. }
  exists T. split; [|exact HT]. apply (joined_step _ _ (loaded (fun _ => w i) [j] P)).
  - intros t _. unfold sublevel. now rewrite Hload.
  - apply joined_line. intros t Ht. unfold sublevel.
    eapply Rle_trans; [apply (objective_line X m no_branch _ _ (no_branch_gauges X) kappa); [lra | exact Ht]|].
    rewrite <- (lin_1 P (loaded (fun _ => w i) [j] P)) at 1. rewrite Hload.
    change (readout (loaded (fun _ => w i) [j] P) _ _) with T. nra.
Qed.

(** scaling one neuron: F falls all along where it is lower at the end *)
Lemma scale_line P j t : (j < m)%nat -> t <= 1 -> F (scaled P j t) <= F P -> joined (sublevel F (F P)) P (scaled P j t).
Proof.
  intros Hj Ht Hlow. apply joined_line. intros u Hu. unfold sublevel. rewrite lin_scaled.
  rewrite scaled_F in Hlow by easy. assert (Hut : u * t <= 1) by nra. rewrite scaled_F by easy.
  set (c := slope X m kappa P j) in *. set (d2 := (fnorm X (h P j))^2) in *. assert (Hd2 : 0 <= d2) by apply pow2_ge_0.
  assert (H1 : u * (- t * c + t^2 * d2) <= 0) by nra.
  assert (H2 : u^2 * (t^2 * d2) <= u * (t^2 * d2)).
  { apply Rmult_le_compat_r; [apply Rmult_le_pos; [apply pow2_ge_0 | easy] | nra]. }
  replace ((u * t)^2 * d2) with (u^2 * (t^2 * d2)) by ring. lra.
Qed.

Lemma removal P j g : (j < m)%nat -> 0 <= g -> - g <= slope X m kappa P j ->
  joined (sublevel F (F P + ((fnorm X (h P j))^2 + g))) P (scaled P j 1) /\ silent (scaled P j 1) [j] /\
  F (scaled P j 1) <= F P + ((fnorm X (h P j))^2 + g).
Proof.
  intros Hj Hg0 Hc. set (d2 := (fnorm X (h P j))^2). assert (Hd2 : 0 <= d2) by apply pow2_ge_0.
  assert (H : forall u, 0 <= u <= 1 -> F (scaled P j u) <= F P + (d2 + g)).
  { intros u Hu. rewrite scaled_F by (easy || lra). fold d2. set (c := slope X m kappa P j) in *.
    assert (- (u * c) <= u * g) by nra. assert (u * g <= g) by nra. assert (u^2 * d2 <= d2) by (assert (u^2 <= 1) by nra; nra).
    lra. }
  split; [|split].
  - apply joined_line. intros u Hu. unfold sublevel. rewrite lin_scaled, Rmult_1_r. now apply H.
  - intros i [<-|[]]. split; intros; unfold scaled; entries; rewrite Nat.eqb_refl; ring.
  - apply H. lra.
Qed.

(** a scaling that lowers F by a known amount *)
Lemma scaling P j g d2 : (j < m)%nat -> 0 < g -> slope X m kappa P j <= - g -> (fnorm X (h P j))^2 <= d2 ->
  exists T, joined (sublevel F (F P)) P T /\ F T <= F P - g^3 / (d2 + g)^2.
Proof.
  intros Hj Hg0 Hc Hd. set (c := slope X m kappa P j) in *. set (e2 := (fnorm X (h P j))^2) in *.
  assert (He2 : 0 <= e2) by apply pow2_ge_0. set (t := c / (e2 - c)). assert (Hq : 0 < e2 - c) by lra.
  assert (Et : t * (e2 - c) = c) by (unfold t; field; lra).
  assert (Ht0 : t < 0) by (apply (Rmult_lt_reg_r (e2 - c)); [easy | rewrite Et; lra]).
  assert (HF : F (scaled P j t) = F P + t^2 * c).
  { rewrite scaled_F by (easy || lra). fold c e2.
    replace (F P - t * c + t^2 * e2) with (F P + (t * (t * (e2 - c) - c) + t^2 * c)) by ring. rewrite Et. ring. }
  assert (Hfall : t^2 * c <= - (g^3 / (d2 + g)^2)).
  { assert (Hdg : 0 < d2 + g) by lra. set (r := g / (d2 + g)).
    assert (Hr : 0 < r) by (unfold r; now apply Rdiv_lt_0_compat).
    assert (Hrt : r <= - t).
    { apply (Rmult_le_reg_r (d2 + g)); [easy|]. replace (r * (d2 + g)) with g by (unfold r; field; lra).
      apply (Rmult_le_reg_r (e2 - c)); [easy|]. replace (- t * (d2 + g) * (e2 - c)) with (- (t * (e2 - c)) * (d2 + g)) by ring.
      rewrite Et. nra. }
    replace (g^3 / (d2 + g)^2) with (r^2 * g) by (unfold r; field; lra).
    assert (r^2 <= t^2) by nra. assert (0 <= t^2) by apply pow2_ge_0. nra. }
  exists (scaled P j t). split; [|lra]. apply scale_line; [easy | lra|].
  rewrite HF. assert (0 <= t^2) by apply pow2_ge_0. nra.
Qed.

(** * The descent *)

Section Descent.
Variables (l : nat) (w v : matrix) (level eps : R).
Hypothesis Heps : 0 < eps.
Hypothesis Hm : (0 < m)%nat.
Notation K := (sigma * two_layer_mass X l w v).
Notation delta := (sigma * level / (kappa * INR m)).
Notation mu := (F_star l w v + 2 * K * delta + eps).

Lemma light P : F P <= level -> exists j, (j < m)%nat /\ (fnorm X (h P j))^2 <= delta^2.
Proof.
  intros HP. destruct (lightest m (fun j => enorm (seen X) (W P j) * enorm (outputs X) (V P j)) Hm) as (j & Hj & Hl).
  assert (Hp : 0 < INR m) by (now apply lt_0_INR). pose proof Hsigma as [Hs0 _]. destruct (F_nonneg P) as [_ HS].
  exists j. split; [easy|]. apply pow_incr. split; [apply fnorm_nonneg|].
  eapply Rle_trans; [apply (unit_norm X (W P) (V P) sigma j Hsigma)|].
  apply (Rmult_le_reg_r (kappa * INR m)); [now apply Rmult_lt_0_compat|].
  replace (sigma * level / (kappa * INR m) * (kappa * INR m)) with (sigma * level) by (field; lra).
  rewrite Rmult_assoc. apply Rmult_le_compat_l; [easy|]. apply (Rmult_le_compat_l kappa) in Hl; lra.
Qed.

(** one round from a point above mu: some slot is emptied and refilled, F falls by gain - g *)
Lemma one_round e : 0 <= e <= 1 -> 0 <= level -> forall P j g, (j < m)%nat -> (fnorm X (h P j))^2 <= delta^2 -> 0 <= g ->
  - g <= slope X m kappa P j -> mu <= F P ->
  let gain := e * (2 * K * delta + eps) - (1 - e) * delta^2 - e^2 * K^2 in 0 < gain -> g <= gain ->
  exists T, joined (sublevel F (F P + (delta^2 + g))) P T /\ F T <= F P - gain + g.
Proof.
  intros He Hlev P j g Hj Hh Hg0 Hc Hmu gain Hgain Hgg.
  destruct (removal P j g Hj Hg0 Hc) as (Hpath & H0 & Hend). set (d2 := (fnorm X (h P j))^2) in *.
  assert (Hc0 : F (scaled P j 1) <= F P + (delta^2 + g)) by lra.
  assert (Hval : (1 - e) * F (scaled P j 1) + e * F_star l w v + e^2 * K^2 <= F P - gain + g).
  { unfold gain. assert (H1 : (1 - e) * F (scaled P j 1) <= (1 - e) * (F P + (delta^2 + g)))
      by (apply Rmult_le_compat_l; lra).
    assert (H2 : e * mu <= e * F P) by (apply Rmult_le_compat_l; lra).
    assert (H3 : (1 - e) * g <= g) by nra. lra. }
  pose proof (pow2_ge_0 delta) as Hd2.
  destruct (F_refill l w v (scaled P j 1) j (F P + (delta^2 + g)) e Hj He H0 Hc0) as (T & HT & HFT); [lra|].
  exists T. split; [|lra]. apply (joined_trans _ _ (scaled P j 1)); [|exact HT].
  eapply joined_mono; [|exact Hpath]. intros Q HQ. unfold sublevel in *. lra.
Qed.

Lemma descent : 0 <= level -> forall P, F P <= level ->
  exists Q, joined (sublevel F (level + delta^2)) P Q /\ F Q <= mu.
Proof.
  intros Hlev. pose proof Hsigma as [Hs0 _]. pose proof (pow2_ge_0 delta) as Hd2.
  assert (Hp : 0 < INR m) by (now apply lt_0_INR).
  assert (HK : 0 <= K) by (apply Rmult_le_pos; [easy|]; apply lsum_nonneg; intros; apply Rmult_le_pos; apply enorm_nonneg).
  assert (Hd : 0 <= delta).
  { apply Rmult_le_pos; [now apply Rmult_le_pos | left; apply Rinv_0_lt_compat; now apply Rmult_lt_0_compat]. }
  destruct (small_step delta K (2 * K * delta + eps) Hd HK) as (e & He & Hlow); [lra|].
  set (gain := e * (2 * K * delta + eps) - (1 - e) * delta^2 - e^2 * K^2). assert (Hgain : 0 < gain) by (unfold gain; lra).
  (* with a slack under the level every round lowers F by at least d *)
  assert (Hrounds : forall s, 0 < s -> exists d, 0 < d /\ forall n P, F P <= level - s -> F P <= mu + INR n * d ->
    exists Q, joined (sublevel F (level + delta^2)) P Q /\ F Q <= mu).
  { intros s Hs. set (g := Rmin s (gain / 2)). assert (Hg0 : 0 < g) by (unfold g; apply Rmin_glb_lt; lra).
    assert (Hgs : g <= s) by apply Rmin_l. assert (Hgg : g <= gain / 2) by apply Rmin_r.
    set (fall := g^3 / (delta^2 + g)^2).
    assert (Hfall : 0 < fall) by (unfold fall; apply Rdiv_lt_0_compat; [now apply pow_lt | apply pow_lt; lra]).
    exists (Rmin (gain / 2) fall). split; [apply Rmin_glb_lt; lra|].
    assert (Hd1 : Rmin (gain / 2) fall <= gain / 2) by apply Rmin_l.
    assert (Hd3 : Rmin (gain / 2) fall <= fall) by apply Rmin_r. set (d := Rmin (gain / 2) fall) in *.
    induction n as [|n IH]; intros P HP Hn.
    - exists P. split; [apply joined_refl; unfold sublevel; lra|]. simpl in Hn. lra.
    - destruct (Rle_dec (F P) mu) as [Hmu|Hmu].
      { exists P. split; [apply joined_refl; unfold sublevel; lra | easy]. }
      apply Rnot_le_lt in Hmu. destruct (light P ltac:(lra)) as (j & Hj & Hh).
      assert (Hstep : exists T, joined (sublevel F (level + delta^2)) P T /\ F T <= F P - d).
      { destruct (Rle_dec (- g) (slope X m kappa P j)) as [Hc|Hc].
        - destruct (one_round e He Hlev P j g Hj Hh ltac:(lra) Hc ltac:(lra) ltac:(fold gain; lra) ltac:(fold gain; lra))
            as (T & HT & HFT). fold gain in HFT. exists T. split; [|lra].
          eapply joined_mono; [|exact HT]. intros Q HQ. unfold sublevel in *. lra.
        - apply Rnot_le_lt in Hc. destruct (scaling P j g (delta^2) Hj Hg0 ltac:(lra) Hh) as (T & HT & HFT).
          fold fall in HFT. exists T. split; [|lra].
          eapply joined_mono; [|exact HT]. intros Q HQ. unfold sublevel in *. lra. }
      destruct Hstep as (T & HT & HFT). rewrite S_INR in Hn.
      assert (Hd0 : 0 < d) by (unfold d; apply Rmin_glb_lt; lra).
      destruct (IH T) as (Q & HQ & HFQ); [lra | lra|].
      exists Q. split; [now apply (joined_trans _ _ T) | easy]. }
  assert (Hslack : forall s, 0 < s -> forall P, F P <= level - s ->
    exists Q, joined (sublevel F (level + delta^2)) P Q /\ F Q <= mu).
  { intros s Hs P HP. destruct (Hrounds s Hs) as (d & Hd0 & H).
    destruct (archimed ((F P - mu) / d)) as [Ha _]. set (z := up ((F P - mu) / d)) in *.
    apply (H (Z.to_nat z) P HP). assert (Hz : (F P - mu) / d <= INR (Z.to_nat z)).
    { apply Rle_trans with (IZR z); [lra|]. rewrite INR_IZR_INZ. apply IZR_le. lia. }
    apply (Rmult_le_compat_r d) in Hz; [|lra]. replace ((F P - mu) / d * d) with (F P - mu) in Hz by (field; lra). lra. }
  (* the first round makes the slack *)
  intros P HP. destruct (Rle_dec (F P) mu) as [Hmu|Hmu].
  { exists P. split; [apply joined_refl; unfold sublevel; lra | easy]. }
  apply Rnot_le_lt in Hmu. destruct (light P HP) as (j & Hj & Hh).
  destruct (Rle_dec 0 (slope X m kappa P j)) as [Hc|Hc].
  - destruct (one_round e He Hlev P j 0 Hj Hh ltac:(lra) ltac:(lra) ltac:(lra) ltac:(fold gain; lra) ltac:(fold gain; lra))
      as (T & HT & HFT). fold gain in HFT.
    destruct (Hslack gain Hgain T ltac:(lra)) as (Q & HQ & HFQ). exists Q. split; [|easy].
    apply (joined_trans _ _ T); [|exact HQ]. eapply joined_mono; [|exact HT]. intros R0 HR. unfold sublevel in *. lra.
  - apply Rnot_le_lt in Hc. set (g := - slope X m kappa P j).
    destruct (scaling P j g (delta^2) Hj ltac:(unfold g; lra) ltac:(unfold g; lra) Hh) as (T & HT & HFT).
    set (fall := g^3 / (delta^2 + g)^2) in *. assert (Hg0 : 0 < g) by (unfold g; lra).
    assert (Hfall : 0 < fall) by (unfold fall; apply Rdiv_lt_0_compat; [now apply pow_lt | apply pow_lt; lra]).
    destruct (Hslack fall Hfall T ltac:(lra)) as (Q & HQ & HFQ). exists Q. split; [|easy].
    apply (joined_trans _ _ T); [|exact HQ]. eapply joined_mono; [|exact HT]. intros R0 HR. unfold sublevel in *. lra.
Qed.
End Descent.

(** * The bottom: half of the own neurons, drawn by their masses, so that the mass stays *)

Lemma half_fit P n : (0 < n)%nat -> exists (T : list nat) (v : matrix), NoDup T /\ (length T <= n)%nat /\
  (forall j, In j T -> (j < m)%nat) /\ (forall j, ~ In j T -> forall c, v j c = 0) /\
  forall level, F P <= level -> F (refit P v) <= level + sigma^2 * (level / kappa)^2 / INR n.
Proof.
  intros Hn. destruct (own_half X m (squared X) 2 sigma (T7L_squared X) Hsigma P n Hn)
    as (T & v & HN & HL & HT & H0 & Hmass & HV).
  exists T, v. repeat split; try easy. intros level HP. unfold two_layer_F.
  change (skip X m (refit P v)) with (two_layer X m (W P) v).
  change (\sum_(j < m) (enorm (seen X) (W (refit P v) j) * enorm (outputs X) (V (refit P v) j)))
    with (two_layer_mass X m (W P) v).
  set (S := two_layer_mass X m (W P) (V P)) in *.
  assert (HS0 : 0 <= S) by (apply lsum_nonneg; intros; apply Rmult_le_pos; apply enorm_nonneg).
  assert (HFP : squared X (skip X m P) + kappa * S <= level) by exact HP.
  assert (HnR : 0 < INR n) by now apply lt_0_INR. pose proof (squared_nonneg X (skip X m P)) as Hsq.
  assert (HSl : S <= level / kappa).
  { apply (Rmult_le_reg_l kappa); [easy|]. replace (kappa * (level / kappa)) with level by (field; lra). lra. }
  apply (Rmult_le_compat_l kappa) in Hmass; [|lra].
  assert (Hvar : ((sigma * S)^2 - (fnorm X (skip X m P))^2) / INR n <= sigma^2 * (level / kappa)^2 / INR n).
  { apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|]. pose proof (pow2_ge_0 (fnorm X (skip X m P))).
    assert (S^2 <= (level / kappa)^2) by (apply pow_incr; lra). pose proof (pow2_ge_0 sigma).
    replace ((sigma * S)^2) with (sigma^2 * S^2) by ring. nra. }
  lra.
Qed.

Lemma bottom P P' level : (2 <= m)%nat -> 0 <= level -> F P <= level -> F P' <= level ->
  joined (sublevel F (level + sigma^2 * (level / kappa)^2 / INR (m / 2))) P P'.
Proof.
  intros Hm Hlev HP HP'. set (n := (m / 2)%nat). assert (Hn : (0 < n)%nat) by (apply Nat.div_str_pos; lia).
  assert (Hnm : (n + n <= m)%nat) by (pose proof (Nat.mul_div_le m 2); unfold n; lia).
  set (c := level + sigma^2 * (level / kappa)^2 / INR n).
  assert (HnR : 0 < / INR n) by now apply Rinv_0_lt_compat, lt_0_INR.
  assert (Hc : level <= c).
  { unfold c. assert (0 <= sigma^2 * (level / kappa)^2 / INR n); [|lra].
    apply Rmult_le_pos; [apply Rmult_le_pos; apply pow2_ge_0 | lra]. }
  destruct (half_fit P n Hn) as (T & v & HN & HL & HT & H0 & HV). specialize (HV level HP). fold c in HV.
  destruct (half_fit P' n Hn) as (T' & v' & HN' & HL' & HT' & H0' & HV'). specialize (HV' level HP'). fold c in HV'.
  (* n slots outside T, and n slots around T' *)
  destruct (padded m T (m - n) HN HT) as (I & HI & HTI); [lia | lia|].
  set (J := others m I). assert (HJ : slots m n J).
  { split; [apply NoDup_filter, seq_NoDup|]. split.
    - destruct HI as (HIN & HIL & HIm). pose proof (others_length m I HIN HIm). unfold J. lia.
    - intros j Hj. now apply in_others in Hj. }
  assert (HJT : forall j, In j J -> ~ In j T) by (intros j Hj Hin; apply in_others in Hj; apply (proj2 Hj), HTI, Hin).
  destruct (padded m T' n HN' HT' HL') as (J' & HJ' & HTJ'); [lia|].
  set (w1 := fun k => W P' (nth k J' O)). set (v1 := fun k => v' (nth k J' O)).
  assert (Hplaced : placed m n w1 v1 (fun k => nth k J' O) (refit P' v')).
  { split; [easy|]. split; [easy|]. split; [|easy]. intros j Hj Hf i.
    apply (list_free n J' j) in Hf; [|apply HJ']. apply H0'. intros Hin. now apply Hf, HTJ'. }
  (* A and the branch's weights do not matter here: with no branch they are set at once *)
  set (R0 := make (W P) v (fun _ _ => 0) zero_matrix (Q P)).
  set (E := landing w1 v1 J R0).
  pose proof (landing_placed m n w1 v1 J R0 HJ) as HE.
  assert (HR0 : F R0 <= c) by exact HV.
  assert (H0R : silent R0 J).
  { intros j Hj. split; intros i; [|easy]. change (v j i = 0). apply H0. now apply HJT. }
  destruct (placed_copy X m no_branch n w1 v1 _ _ (list_injective m n J' HJ') Hplaced) as (_ & Hfun' & _).
  destruct (placed_copy X m no_branch n w1 v1 _ _ (list_injective m n J HJ) HE) as (_ & HfunE & HmassE).
  (* the two copies have one function, and either mass is at most the half network's *)
  assert (Hhalf : F_star n w1 v1 <= c).
  { unfold two_layer_objective. rewrite <- Hfun'. unfold two_layer_F in HV'.
    assert (Em : two_layer_mass X n w1 v1 = \sum_(j < m) (enorm (seen X) (W (refit P' v') j)
      * enorm (outputs X) (V (refit P' v') j))).
    { pose proof HJ' as (HJN & HJL & HJm). rewrite (lsum_split m J' _ HJN HJm).
      rewrite (lsum_zero (seq 0 m)).
      - rewrite Rplus_0_r, lsum_nth, HJL. reflexivity.
      - intros j _. destruct (mem j J') eqn:Ej; [easy|]. apply mem_false in Ej.
        change (V (refit P' v') j) with (v' j). rewrite (enorm_zero _ (v' j)); [ring|].
        intros i _. apply H0'. intros Hin. now apply Ej, HTJ'. }
    rewrite Em. exact HV'. }
  assert (Hcopy : forall T0, copy X m no_branch n w1 v1 T0 -> F T0 <= c).
  { intros T0 (_ & Hfun & Hms). unfold two_layer_F. rewrite Hfun. eapply Rle_trans; [|exact Hhalf].
    unfold two_layer_objective. apply Rplus_le_compat_l, Rmult_le_compat_l; [lra|].
    eapply Rle_trans; [|exact Hms]. right. apply lsum_ext; intros j _. unfold neuron_mass. ring. }
  assert (HFE : F E <= c) by (apply Hcopy; split; [easy | split; easy]).
  (* 1. the readout line, A and U along with it *)
  assert (Hoff : forall P0 T0, W T0 = W P0 -> V T0 = V P0 -> F T0 = F P0).
  { intros P0 T0 EW EV. unfold two_layer_F. f_equal.
    - f_equal. apply matrix_ext; intros k i. apply lsum_ext; intros j _. rewrite EV. f_equal. apply feature_ext.
      intros; now rewrite EW.
    - f_equal. apply lsum_ext; intros j _. now rewrite EW, EV. }
  apply (joined_trans _ _ (refit P v)); [apply F_line; [lra | exact HV]|].
  apply (joined_trans _ _ R0).
  { apply joined_line. intros t Ht. unfold sublevel. rewrite (Hoff (refit P v) (lin t (refit P v) R0)); [exact HV | |].
    - apply matrix_ext; intros j i. change ((1 - t) * W P j i + t * W P j i = W P j i). ring.
    - apply matrix_ext; intros j i. change ((1 - t) * v j i + t * v j i = v j i). ring. }
  (* 2. the other half's rows into free slots, and the readout line to it *)
  apply (joined_trans _ _ (loaded w1 J R0)).
  { apply joined_line. intros t Ht. unfold sublevel. rewrite F_objective. unfold objective, loaded.
    rewrite L9_silent by easy. rewrite (total_mass_same X m no_branch _ _ R0) by (apply load_U || apply load_Q).
    rewrite L10_load by easy. rewrite F_objective in HR0. exact HR0. }
  apply (joined_trans _ _ E).
  { apply F_line; [|exact HFE]. rewrite <- (lin_1 R0 (loaded w1 J R0)). rewrite F_objective. unfold objective, loaded.
    rewrite L9_silent by easy. rewrite (total_mass_same X m no_branch _ _ R0) by (apply load_U || apply load_Q).
    rewrite L10_load by easy. rewrite F_objective in HR0. exact HR0. }
  (* 3. to its own slots, and back out *)
  apply (joined_trans _ _ (refit P' v')).
  - eapply joined_mono; [|exact (L9_permutation X m no_branch n w1 v1 _ _ _ _ ltac:(lia) (list_injective m n J HJ)
      (list_injective m n J' HJ') HE Hplaced)]. exact Hcopy.
  - apply joined_sym, F_line; [lra | exact HV'].
Qed.

(** "joined in {F <= max(lambda + delta^2, mu + sigma^2 (mu/kappa)^2/floor(m/2))}", mu = F* + 2 sigma S* delta + eps *)
Theorem C2F_funnel l w v P P' level eps : (2 <= m)%nat -> 0 < eps -> F P <= level -> F P' <= level ->
  let delta := sigma * level / (kappa * INR m) in
  let mu := F_star l w v + 2 * (sigma * two_layer_mass X l w v) * delta + eps in
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    F (gam t) <= Rmax (level + delta^2) (mu + sigma^2 * (mu / kappa)^2 / INR (m / 2)).
Proof.
  intros Hm Heps HP HP' delta mu. destruct (F_nonneg P) as [HF0 _]. assert (Hlev : 0 <= level) by lra.
  apply (joined_path (sublevel F _)).
  destruct (descent l w v level eps Heps ltac:(lia) Hlev P HP) as (Q & HQ & HFQ).
  destruct (descent l w v level eps Heps ltac:(lia) Hlev P' HP') as (Q' & HQ' & HFQ').
  fold delta mu in HQ, HQ', HFQ, HFQ'. destruct (F_nonneg Q) as [HQ0 _].
  apply (joined_trans _ _ Q); [|apply (joined_trans _ _ Q')].
  - eapply joined_mono; [|exact HQ]. intros T HT. unfold sublevel in *. eapply Rle_trans; [exact HT | apply Rmax_l].
  - eapply joined_mono; [|exact (bottom Q Q' mu Hm ltac:(lra) HFQ HFQ')]. intros T HT. unfold sublevel in *.
    eapply Rle_trans; [exact HT | apply Rmax_r].
  - apply joined_sym. eapply joined_mono; [|exact HQ']. intros T HT. unfold sublevel in *.
    eapply Rle_trans; [exact HT | apply Rmax_l].
Qed.
End Funnel.
