(** T7F [ours] (blueprint-2, section 1): T7 for F = L + kappa S. Where a new neuron takes the mass of the one that it is
    drawn from, F falls as L does; TWO-LAYER, kappa > 0: above the threshold the depth of F is at most
    (sigma F/(kappa m))^2, nothing assumed on S. PARALLEL: what emptying slot j can raise F by.

    Definitions: [two_layer_F], F of a TWO-LAYER network; [scaled], V_j times 1 - t; [slope], minus the derivative of F
    there.
    Statements: T7F. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import perturb transfer readout losses slots regulariser smooth draw.
From Skipscape.routes Require Import route.
From Skipscape.theorems Require Import connectivity regularised optimal one_slot emptying.
Import ListNotations.
Open Scope R_scope.

Section Parallel.
Variables (X : data) (m : nat) (B : branch).
Variables (opn : matrix -> R) (lip : (nat -> matrix) -> R).
Hypothesis Hg : gauges X B opn lip.
Variable kappa : R.
Hypothesis Hkappa : 0 <= kappa.
Notation net := (parallel X m B).
Notation S_of := (total_mass X m B opn lip).
Notation F := (objective X m B opn lip kappa).
Notation F_star := (two_layer_objective X kappa).

Lemma objective_line P v u t : 0 <= t <= 1 -> F (lin t P (readout P v u)) <= (1 - t) * F P + t * F (readout P v u).
Proof.
  intros Ht. unfold objective.
  replace (net (lin t P (readout P v u))) with (fun k c => (1 - t) * net P k c + t * net (readout P v u) k c)
    by (apply matrix_ext; intros; symmetry; apply L7_affine).
  pose proof (L7_squared X (net P) (net (readout P v u)) t Ht) as HL.
  pose proof (L10_readout X m B opn lip Hg P v u t Ht) as HS. apply (Rmult_le_compat_l kappa) in HS; [|easy]. lra.
Qed.

(** the mass after the step: (1 - e) S' + e S* *)
Lemma refilled_mass e j w' (v' : vector) P s : 0 <= e <= 1 -> (j < m)%nat -> silent P [j] ->
  enorm (seen X) w' * enorm (outputs X) v' = s ->
  S_of (refilled e [j] (fun _ => w') (fun _ => v') P) <= (1 - e) * S_of P + s.
Proof.
  intros He Hj H0 Hs. set (T := refilled e [j] (fun _ => w') (fun _ => v') P).
  destruct Hg as (_ & Hconv & Hzero & Hl). destruct (Hl (Q P)) as [Hl0 _].
  assert (HG : gain opn lip T <= (1 - e) * gain opn lip P).
  { unfold gain. change (Q T) with (Q P). pose proof (Hconv (U P) (fun _ _ => 0) e He) as H. rewrite Hzero in H.
    replace (fun c s => (1 - e) * U P c s + e * 0) with (U T) in H
      by (apply matrix_ext; intros; change (U T i j0) with ((1 - e) * U P i j0); ring).
    rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [easy | lra]. }
  unfold total_mass at 1, mass.
  apply Rle_trans with (\sum_(i < m) ((1 - e) * neuron_mass X B (gain opn lip P) P i + (if Nat.eqb j i then s else 0))).
  - apply lsum_le; intros i _. unfold neuron_mass at 1. change (A T i) with (A P i).
    change (W T i) with (fun n => if mem i [j] then w' n else W P i n).
    change (V T i) with (fun c => if mem i [j] then v' c else (1 - e) * V P i c).
    pose proof (gain_nonneg X B opn lip Hg P) as Hgp.
    destruct (Nat.eqb_spec j i) as [<-|Hne].
    + rewrite (proj2 (mem_In j [j]) (or_introl eq_refl)). destruct (H0 j (or_introl eq_refl)) as [_ HA].
      rewrite (enorm_zero _ (A P j)) by (intros; apply HA).
      change (fun n => w' n) with w'. change (fun c => v' c) with v'. rewrite Rmult_0_r, Rplus_0_r, Hs.
      pose proof (neuron_mass_nonneg X B (gain opn lip P) P j Hgp) as Hn. nra.
    + rewrite (proj2 (mem_false i [j])) by (intros [E|[]]; congruence). rewrite Rplus_0_r.
      change (fun n => W P i n) with (W P i). rewrite enorm_scal_pos by lra. unfold neuron_mass.
      pose proof (enorm_nonneg (seen X) (W P i)) as Hw. pose proof (enorm_nonneg (branch_in B) (A P i)) as Ha.
      apply (Rmult_le_compat_r _ _ _ Ha) in HG. apply Rle_trans with (enorm (seen X) (W P i) *
        ((1 - e) * enorm (outputs X) (V P i) + (1 - e) * gain opn lip P * enorm (branch_in B) (A P i))); [|right; ring].
      apply Rmult_le_compat_l; [easy | lra].
  - rewrite lsum_plus, lsum_scal, (lsum_delta m j (fun _ => s)) by easy. right. reflexivity.
Qed.

(** T7 for F, any way of emptying slot j *)
Theorem T7F_one_slot l w v sigma P P' j c e : moment X sigma -> (j < m)%nat -> 0 <= e <= 1 ->
  joined (sublevel F c) P P' -> silent P' [j] ->
  (1 - e) * F P' + e * F_star l w v + e^2 * ((sigma * two_layer_mass X l w v)^2 - (fnorm X (two_layer X l w v))^2)
    - e * (1 - e) * (fnorm X (fun k a => net P' k a - two_layer X l w v k a))^2 < F P ->
  depth_at_most F P (c - F P).
Proof.
  intros Hs Hj He Hpath H0 Hlow. pose proof Hs as [Hs0 _].
  destruct (draw X l w v (squared X) 2 (fun i => enorm (seen X) (w i) * enorm (outputs X) (v i)) sigma
    (fun k a => (1 - e) * net P' k a) e (T7L_squared X) Hs0 (proj1 He) (fun i Hi => mass_weights X l w v sigma i Hs Hi))
    as (i & a & _ & Ha & Hmass & Hstep).
  fold (two_layer_mass X l w v) in Hmass, Hstep. rewrite squared_between in Hstep.
  set (T := refilled e [j] (fun _ => w i) (fun _ b => a * v i b) P').
  pose proof (one_slot_slots m j Hj) as HJ.
  assert (ET : net T = fun k b => (1 - e) * net P' k b + a * unit_effect X w v i k b).
  { unfold T. rewrite (refilled_output X m B 1) by easy. apply matrix_ext; intros k b. unfold two_layer, unit_effect.
    cbn [seq lsum]. ring. }
  assert (HST : S_of T <= (1 - e) * S_of P' + e * two_layer_mass X l w v).
  { apply refilled_mass; try easy. rewrite <- Hmass, enorm_scal_pos by easy. ring. }
  assert (HT : F T < F P).
  { eapply Rle_lt_trans; [|exact Hlow]. unfold objective at 1. rewrite ET.
    apply (Rmult_le_compat_l kappa) in HST; [|easy]. unfold objective, two_layer_objective. lra. }
  pose proof (joined_start _ _ _ Hpath) as HP. pose proof (joined_end _ _ _ Hpath) as HP'. unfold sublevel in HP, HP'.
  assert (Hload : forall t, F (lin t P' (loaded (fun _ => w i) [j] P')) = F P').
  { intros t. unfold objective, loaded. rewrite L9_silent by easy. do 2 f_equal.
    rewrite (total_mass_same X m B opn lip P') by (apply load_U || apply load_Q). now apply L10_load. }
  apply (joined_depth F P T); [|exact HT]. replace (F P + (c - F P)) with c by ring.
  apply (joined_trans _ _ P'); [exact Hpath|]. apply (joined_step _ _ (loaded (fun _ => w i) [j] P')).
  - intros t _. unfold sublevel. now rewrite Hload.
  - apply joined_line. intros t Ht. unfold sublevel. eapply Rle_trans; [apply objective_line; easy|].
    rewrite <- (lin_1 P' (loaded (fun _ => w i) [j] P')) at 1. rewrite Hload.
    change (readout (loaded (fun _ => w i) [j] P') _ _) with T. nra.
Qed.

(** threshold (i): "F - F* > 2 sigma S* d", where emptying costs at most d^2 *)
Theorem T7F_threshold l w v sigma P P' j c d : moment X sigma -> (j < m)%nat ->
  joined (sublevel F c) P P' -> silent P' [j] -> F P' <= F P + d^2 -> 0 <= d ->
  F_star l w v + 2 * (sigma * two_layer_mass X l w v) * d < F P ->
  depth_at_most F P (c - F P).
Proof.
  intros Hs Hj Hpath H0 Hrise Hd Hthr. set (K := sigma * two_layer_mass X l w v) in *.
  assert (HK : 0 <= K).
  { apply Rmult_le_pos; [apply Hs|]. apply lsum_nonneg; intros. apply Rmult_le_pos; apply enorm_nonneg. }
  destruct (small_step d K (F P - F_star l w v) Hd HK) as (e & He & Hlow); [lra|].
  apply (T7F_one_slot l w v sigma P P' j c e Hs Hj He Hpath H0). fold K.
  assert (H1 : (1 - e) * F P' <= (1 - e) * (F P + d^2)) by (apply Rmult_le_compat_l; lra).
  assert (H2 : 0 <= e^2 * (fnorm X (two_layer X l w v))^2) by (apply Rmult_le_pos; apply pow2_ge_0).
  assert (H3 : 0 <= e * (1 - e) * (fnorm X (fun k a => net P' k a - two_layer X l w v k a))^2)
    by (apply Rmult_le_pos; [nra | apply pow2_ge_0]). lra.
Qed.

(** PARALLEL: "emptying j raises F by at most s_j (2 sigma sqrt L - kappa) + sigma^2 s_j^2" *)
Theorem T7F_parallel l w v sigma P j : moment X sigma -> (j < m)%nat ->
  let s := neuron_mass X B (gain opn lip P) P j in
  let r := Rmax 0 (s * (2 * sigma * sqrt (squared X (net P)) - kappa) + sigma^2 * s^2) in
  F_star l w v + 2 * (sigma * two_layer_mass X l w v) * sqrt r < F P -> depth_at_most F P r.
Proof.
  intros Hs Hj s r Hthr. pose proof Hs as [Hs0 _]. pose proof (gain_ok X B opn lip Hg P) as Hlam.
  pose proof (gain_nonneg X B opn lip Hg P) as Hlam0. pose proof (neuron_mass_nonneg X B _ P j Hlam0) as Hs1.
  fold s in Hs1.
  assert (Hr : 0 <= r) by apply Rmax_l.
  assert (Hmove : forall t, 0 <= t <= 1 -> F (lin t P (emptied P j)) <= F P + r).
  { intros t Ht. pose proof (emptied_close X m B sigma _ P j t Hs Hlam Hj (proj1 Ht)) as Hc. fold s in Hc.
    set (T := lin t P (emptied P j)) in *. pose proof (sqrt_pos (squared X (net P))) as Hrt.
    assert (HL : squared X (net T) <= (sqrt (squared X (net P)) + t * (sigma * s))^2).
    { pose proof (L8_squared X (net P) (fun k a => net T k a - net P k a)) as H8. cbv beta in H8.
      replace (fun k a => net P k a + (net T k a - net P k a)) with (net T) in H8 by (apply matrix_ext; intros; ring).
      rewrite <- (pow2_sqrt (squared X (net T))) by apply squared_nonneg. apply pow_incr.
      split; [apply sqrt_pos | lra]. }
    assert (HS : S_of T = S_of P - t * s).
    { rewrite (total_mass_same X m B opn lip P) by (apply emptied_U || apply emptied_Q). unfold total_mass, mass.
      rewrite (lsum_ext _ _ (fun i => neuron_mass X B (gain opn lip P) P i
        + (if Nat.eqb j i then - t * neuron_mass X B (gain opn lip P) P i else 0))).
      - rewrite lsum_plus, (lsum_delta m j (fun i => - t * neuron_mass X B (gain opn lip P) P i)) by easy.
        unfold s, Rminus. f_equal. ring.
      - intros i _. unfold neuron_mass.
        rewrite (enorm_ext (seen X) (W T i) (W P i)) by (intros; unfold T, emptied; entries; ring).
        destruct (Nat.eqb_spec j i) as [<-|Hne].
        + rewrite (enorm_ext (outputs X) (V T j) (fun c => (1 - t) * V P j c))
            by (intros; unfold T, emptied; entries; rewrite Nat.eqb_refl; ring).
          rewrite (enorm_ext (branch_in B) (A T j) (fun c => (1 - t) * A P j c))
            by (intros; unfold T, emptied; entries; rewrite Nat.eqb_refl; ring).
          rewrite !enorm_scal_pos by lra. ring.
        + apply Nat.eqb_neq in Hne. rewrite (enorm_ext (outputs X) (V T i) (V P i))
            by (intros; unfold T, emptied; entries; rewrite Hne; ring).
          rewrite (enorm_ext (branch_in B) (A T i) (A P i)) by (intros; unfold T, emptied; entries; rewrite Hne;
            ring). ring. }
    unfold objective. rewrite HS. set (z := sqrt (squared X (net P))) in *.
    assert (Ez : squared X (net P) = z^2) by (unfold z; rewrite pow2_sqrt; [easy | apply squared_nonneg]).
    rewrite Ez. pose proof (Rmax_r 0 (s * (2 * sigma * z - kappa) + sigma^2 * s^2)) as Hmax. fold r in Hmax.
    assert (Ht2 : t^2 * (sigma^2 * s^2) <= t * (sigma^2 * s^2)).
    { apply Rmult_le_compat_r; [|nra]. apply Rmult_le_pos; apply pow2_ge_0. }
    assert (Htr : t * (s * (2 * sigma * z - kappa) + sigma^2 * s^2) <= r) by nra.
    replace ((z + t * (sigma * s))^2) with (z^2 + 2 * z * (t * (sigma * s)) + t^2 * (sigma^2 * s^2)) in HL by ring.
    lra. }
  replace r with ((F P + r) - F P) by ring.
  apply (T7F_threshold l w v sigma P (emptied P j) j (F P + r) (sqrt r) Hs Hj); try easy.
  - apply joined_line. exact Hmove.
  - apply emptied_silent.
  - rewrite pow2_sqrt by easy. rewrite <- (lin_1 P (emptied P j)). apply Hmove. lra.
  - apply sqrt_pos.
Qed.
End Parallel.

(** * TWO-LAYER *)
Section TwoLayer.
Variables (X : data) (m : nat) (kappa : R).
Notation h P j := (unit_effect X (W P) (V P) j).
Notation s P j := (enorm (seen X) (W P j) * enorm (outputs X) (V P j)).

Definition two_layer_F (P : param) : R := squared X (skip X m P) + kappa * \sum_(j < m) (s P j).

Lemma no_branch_gauges : gauges X no_branch (fun _ => 0) (fun _ => 0).
Proof.
  split; [|split; [intros; lra | split; [easy|]]].
  - intros M. split; [lra|]. intros u. rewrite Rmult_0_l. right. apply enorm_zero. intros; simpl; ring.
  - intros q. split; [lra|]. intros a b. rewrite Rmult_0_l. right. apply enorm_zero. intros i Hi. simpl in Hi. lia.
Qed.

Lemma no_branch_objective P : objective X m no_branch (fun _ => 0) (fun _ => 0) kappa P = two_layer_F P.
Proof.
  unfold objective, two_layer_F. f_equal.
  - f_equal. apply matrix_ext; intros. unfold parallel, deep. cbn. ring.
  - f_equal. apply lsum_ext; intros j _. unfold neuron_mass, gain. ring.
Qed.

Definition scaled (P : param) (j : nat) (t : R) : param :=
  make (W P) (fun i c => if Nat.eqb j i then (1 - t) * V P i c else V P i c)
       (fun i a => if Nat.eqb j i then (1 - t) * A P i a else A P i a) (U P) (Q P).

Lemma lin_scaled P j t u : lin u P (scaled P j t) = scaled P j (u * t).
Proof. apply param_ext; intros; unfold scaled; entries; try ring; destruct (Nat.eqb j _); ring. Qed.

(** "c_j = 2 <f - y, h_j> + kappa s_j" *)
Definition slope (P : param) (j : nat) : R :=
  2 * inner X (fun k c => skip X m P k c - target X k c) (h P j) + kappa * s P j.

Lemma scaled_F P j t : (j < m)%nat -> t <= 1 ->
  two_layer_F (scaled P j t) = two_layer_F P - t * slope P j + t^2 * (fnorm X (h P j))^2.
Proof.
  intros Hj Ht. unfold two_layer_F, slope.
  assert (En : skip X m (scaled P j t) = fun k c => skip X m P k c + (- t) * h P j k c).
  { apply matrix_ext; intros k c. unfold skip.
    rewrite (lsum_ext _ _ (fun i => V P i c * feature X P k i + (if Nat.eqb j i then (- t) * h P i k c else 0))).
    - rewrite lsum_plus. f_equal. now apply (lsum_delta m j (fun i => (- t) * h P i k c)).
    - intros i _. rewrite (feature_ext X (scaled P j t) P) by (intros; reflexivity).
      change (V (scaled P j t) i c) with (if Nat.eqb j i then (1 - t) * V P i c else V P i c).
      unfold unit_effect, feature. destruct (Nat.eqb j i); ring. }
  assert (Em : \sum_(i < m) (s (scaled P j t) i) = \sum_(i < m) (s P i) - t * s P j).
  { rewrite (lsum_ext _ _ (fun i => s P i + (if Nat.eqb j i then - t * s P i else 0))).
    - rewrite lsum_plus, (lsum_delta m j (fun i => - t * s P i) Hj). ring.
    - intros i _. change (W (scaled P j t) i) with (W P i).
      change (V (scaled P j t) i) with (fun c => if Nat.eqb j i then (1 - t) * V P i c else V P i c).
      destruct (Nat.eqb j i); [rewrite enorm_scal_pos by lra; ring | change (fun c => V P i c) with (V P i); ring]. }
  rewrite En, Em, squared_shift. ring.
Qed.

(** "if some c_j != 0, scaling lowers F at once: depth 0. If c_j = 0, removal costs exactly ||h_j||^2" *)
Theorem T7F_scale_or_exact P j : (j < m)%nat -> depth_at_most two_layer_F P 0 \/
  (forall t, t <= 1 -> two_layer_F (scaled P j t) = two_layer_F P + t^2 * (fnorm X (h P j))^2).
Proof.
  intros Hj. set (d2 := (fnorm X (h P j))^2). assert (Hd2 : 0 <= d2) by apply pow2_ge_0.
  assert (Hdown : forall t, t <= 1 -> two_layer_F (scaled P j t) < two_layer_F P -> depth_at_most two_layer_F P 0).
  { intros t Ht Hlow. apply (joined_depth two_layer_F P (scaled P j t)); [|easy]. apply joined_line. intros u Hu.
    unfold sublevel.
    rewrite lin_scaled. rewrite scaled_F in Hlow by easy. assert (Hut : u * t <= 1) by nra. rewrite scaled_F by easy.
    fold d2 in Hlow. fold d2. assert (Hneg : - t * slope P j + t^2 * d2 < 0) by lra.
    assert (H1 : u * (- t * slope P j + t^2 * d2) <= 0) by nra.
    assert (H2 : u^2 * (t^2 * d2) <= u * (t^2 * d2)).
    { apply Rmult_le_compat_r; [apply Rmult_le_pos; [apply pow2_ge_0 | easy] | nra]. }
    replace ((u * t)^2 * d2) with (u^2 * (t^2 * d2)) by ring.
    replace (u * t * slope P j) with (- (u * (- t * slope P j))) by ring. nra. }
  destruct (Rtotal_order (slope P j) 0) as [Hc|[Hc|Hc]].
  - left. set (c := slope P j) in *. set (t := c / (d2 - c)). assert (Hq : 0 < d2 - c) by lra.
    assert (Et : t * (d2 - c) = c) by (unfold t; field; lra).
    assert (Ht0 : t < 0) by (apply (Rmult_lt_reg_r (d2 - c)); [easy | rewrite Et; lra]).
    apply (Hdown t); [lra|]. rewrite scaled_F by (easy || lra). fold c d2. assert (0 < t * t) by nra.
    replace (two_layer_F P - t * c + t^2 * d2) with (two_layer_F P + (t * (t * (d2 - c) - c) + t * t * c)) by ring.
    rewrite Et. nra.
  - right. intros t Ht. rewrite scaled_F, Hc by easy. fold d2. ring.
  - left. set (c := slope P j) in *. set (t := c / (d2 + c)). assert (Hq : 0 < d2 + c) by lra.
    assert (Et : t * (d2 + c) = c) by (unfold t; field; lra).
    assert (Ht0 : 0 < t) by (unfold t; apply Rdiv_lt_0_compat; lra).
    assert (Ht1 : t <= 1) by (apply (Rmult_le_reg_r (d2 + c)); lra).
    apply (Hdown t Ht1). rewrite scaled_F by easy. fold c d2. assert (0 < t * t) by nra.
    replace (two_layer_F P - t * c + t^2 * d2) with (two_layer_F P + (t * (t * (d2 + c) - c) - t * t * c)) by ring.
    rewrite Et. nra.
Qed.

(** "If F - F* > 2 sigma S* ||h_j||, the depth of F is <= ||h_j||^2" *)
Theorem T7F_effect l w v sigma P j : 0 <= kappa -> moment X sigma -> (j < m)%nat ->
  two_layer_objective X kappa l w v + 2 * (sigma * two_layer_mass X l w v) * fnorm X (h P j) < two_layer_F P ->
  depth_at_most two_layer_F P ((fnorm X (h P j))^2).
Proof.
  intros Hk Hs Hj Hthr. set (d := fnorm X (h P j)) in *.
  destruct (T7F_scale_or_exact P j Hj) as [H0|Hex]; [apply (depth_at_most_mono _ P 0); [apply pow2_ge_0 | easy]|].
  fold d in Hex.
  replace two_layer_F with (objective X m no_branch (fun _ => 0) (fun _ => 0) kappa) in *
    by (apply functional_extensionality; apply no_branch_objective).
  set (F := objective X m no_branch (fun _ => 0) (fun _ => 0) kappa) in *.
  replace (d^2) with ((F P + d^2) - F P) by ring.
  apply (T7F_threshold X m no_branch _ _ no_branch_gauges kappa Hk l w v sigma P (scaled P j 1) j (F P
    + d^2) d Hs Hj); fold F.
  - apply joined_line. intros t Ht. unfold sublevel. rewrite lin_scaled, Rmult_1_r, Hex by lra.
    pose proof (pow2_ge_0 d). assert (t^2 <= 1) by nra. nra.
  - intros i [<-|[]]. split; intros; unfold scaled; entries; rewrite Nat.eqb_refl; ring.
  - rewrite Hex by lra. lra.
  - apply fnorm_nonneg.
  - exact Hthr.
Qed.

(** "F - F* > 2 sigma S* sigma F/(kappa m) implies depth <= (sigma F/(kappa m))^2: nothing assumed on S" *)
Theorem T7F_rate l w v sigma P : 0 < kappa -> moment X sigma -> (0 < m)%nat ->
  let d := sigma * two_layer_F P / (kappa * INR m) in
  two_layer_objective X kappa l w v + 2 * (sigma * two_layer_mass X l w v) * d < two_layer_F P ->
  depth_at_most two_layer_F P (d^2).
Proof.
  intros Hk Hs Hm d Hthr. destruct (lightest m (fun j => s P j) Hm) as (j & Hj & Hl).
  assert (Hp : 0 < INR m) by (now apply lt_0_INR). pose proof Hs as [Hs0 _].
  assert (HSF : kappa * \sum_(i < m) (s P i) <= two_layer_F P).
  { unfold two_layer_F. pose proof (squared_nonneg X (skip X m P)). lra. }
  assert (Hd : fnorm X (h P j) <= d).
  { eapply Rle_trans; [apply (unit_norm X (W P) (V P) sigma j Hs)|]. unfold d.
    apply (Rmult_le_reg_r (kappa * INR m)); [now apply Rmult_lt_0_compat|].
    unfold Rdiv. rewrite (Rmult_assoc (sigma * _) (/ _)), Rinv_l, Rmult_1_r by (apply Rgt_not_eq;
      now apply Rmult_lt_0_compat).
    rewrite Rmult_assoc. apply Rmult_le_compat_l; [easy|]. eapply Rle_trans; [|exact HSF].
    apply (Rmult_le_compat_l kappa) in Hl; lra. }
  pose proof (fnorm_nonneg X (h P j)) as Hf0.
  assert (HK : 0 <= sigma * two_layer_mass X l w v).
  { apply Rmult_le_pos; [easy|]. apply lsum_nonneg; intros. apply Rmult_le_pos; apply enorm_nonneg. }
  apply (depth_at_most_mono _ P ((fnorm X (h P j))^2)); [apply pow_incr; lra|].
  apply (T7F_effect l w v sigma P j); try easy; try lra. eapply Rle_lt_trans; [|exact Hthr].
  apply Rplus_le_compat_l. nra.
Qed.
End TwoLayer.

(** PARALLEL with U = 0: there F is the F of a TWO-LAYER network, and paths of such carry over with U = 0 kept *)
Theorem T7F_branch_off X m B opn lip kappa (P : param) d : gauges X B opn lip -> U P = (fun _ _ => 0) ->
  objective X m B opn lip kappa P = two_layer_F X m kappa P /\
  (depth_at_most (two_layer_F X m kappa) P d -> depth_at_most (objective X m B opn lip kappa) P d).
Proof.
  intros (_ & _ & Hzero & _) HU.
  assert (Hsame : forall T : param, U T = (fun _ _ => 0) ->
    objective X m B opn lip kappa T = two_layer_F X m kappa T).
  { intros T HT. unfold objective, two_layer_F, total_mass, mass, gain. rewrite HT, Hzero. f_equal.
    - f_equal. apply matrix_ext; intros k c. unfold parallel, deep.
      rewrite (lsum_zero (seq 0 (branch_out B))); [ring|]. intros s _. rewrite HT. ring.
    - f_equal. apply lsum_ext; intros j _. unfold neuron_mass. ring. }
  split; [now apply Hsame|]. intros (gam & Hpath & H0 & H1 & Hlow).
  set (off := fun T : param => make (W T) (V T) (A T) (fun _ _ => 0) (Q T)).
  assert (Hoff : forall T, objective X m B opn lip kappa (off T) = two_layer_F X m kappa T)
    by (intros T; now rewrite Hsame).
  exists (fun t => off (gam t)). split; [|split; [|split]].
  - intros [j i|j c|j a|c s|k s i]; [exact (Hpath (InW j i)) | exact (Hpath (InV j c)) | exact (Hpath (InA j a)) | |
      exact (Hpath (InQ k s i))].
    apply continuity_const. intros x y. reflexivity.
  - rewrite H0. apply param_ext; try easy. intros c s. rewrite HU. reflexivity.
  - now rewrite Hoff, (Hsame P HU).
  - intros t Ht. rewrite Hoff, (Hsame P HU). now apply Hlow.
Qed.
