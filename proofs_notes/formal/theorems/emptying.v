(** C7 [ours] (blueprint-2, section 1): T7 for each way of emptying one slot: what it costs is the depth and, squared
    root, what the threshold asks. PARALLEL, kappa = 0, any theta; h_j is [unit_effect] of the network's own rows. The
    cheapest way where no branch reads slot j, R9's refit, is in leave_out.v.

    Definitions: [emptied], V_j = 0 and A_j = 0, all else as it was; [rise], 2 sqrt(L) d + d^2, what a move by d
    costs; [output_share], [reading_share], D_V = sigma ||w_j|| ||V_j|| and D_A = sigma Lambda ||w_j|| ||A_j||.
    Statements: C7, T7B, T7L. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import perturb transfer readout losses slots smooth draw.
From Skipscape.routes Require Import route.
From Skipscape.theorems Require Import optimal one_slot.
Import ListNotations.
Open Scope R_scope.

Definition emptied (P : param) (j : nat) : param :=
  make (W P) (fun i c => if Nat.eqb j i then 0 else V P i c) (fun i a => if Nat.eqb j i then 0 else A P i a) (U P) (Q
    P).

(** "2 sqrt(L) D + D^2" *)
Definition rise (L d : R) : R := 2 * sqrt L * d + d^2.

Lemma rise_nonneg L d : 0 <= d -> 0 <= rise L d.
Proof. intros Hd. unfold rise. pose proof (sqrt_pos L). pose proof (pow2_ge_0 d). nra. Qed.

Lemma lightest n (f : nat -> R) : (0 < n)%nat -> exists j, (j < n)%nat /\ INR n * f j <= \sum_(i < n) (f i).
Proof.
  intros Hn. set (T := \sum_(i < n) (f i)).
  destruct (Forall_Exists_dec (fun j => 0 < INR n * f j - T) (fun j => Rlt_dec 0 (INR n * f j - T)) (seq 0 n)) as [H|H].
  - exfalso. rewrite Forall_forall in H.
    assert (H1 : 0 < \sum_(i < n) (INR n * f i - T)).
    { apply Rlt_le_trans with (INR n * f O - T); [apply H; now apply in_rng|].
      apply (lsum_term (seq 0 n) (fun i => INR n * f i - T)); [|now apply in_rng]. intros i Hi. left. now apply H. }
    rewrite lsum_minus, lsum_scal, lsum_const, seq_length in H1. change (0 < INR n * T - INR n * T) in H1. lra.
  - apply Exists_exists in H. destruct H as (j & Hj & H). exists j. apply in_rng in Hj. split; [easy|].
    apply Rnot_lt_le in H. lra.
Qed.

Lemma one_slot_slots m j : (j < m)%nat -> slots m 1 [j].
Proof. intros Hj. split; [repeat constructor; easy|]. split; [easy|]. intros i [<-|[]]. exact Hj. Qed.

Section Emptying.
Variables (X : data) (m : nat) (B : branch).
Notation net := (parallel X m B).
Notation loss P := (squared X (net P)).
Notation h P j := (unit_effect X (W P) (V P) j).

Lemma emptied_silent P j : silent (emptied P j) [j].
Proof. intros i [<-|[]]. split; intros; unfold emptied; entries; now rewrite Nat.eqb_refl. Qed.

Lemma emptied_skip P j t : (j < m)%nat ->
  skip X m (lin t P (emptied P j)) = fun k c => skip X m P k c + (- t) * h P j k c.
Proof.
  intros Hj. apply matrix_ext; intros k c. unfold skip.
  rewrite (lsum_ext _ _ (fun i => V P i c * feature X P k i + (if Nat.eqb j i then (- t) * h P i k c else 0))).
  - rewrite lsum_plus. f_equal. now apply (lsum_delta m j (fun i => (- t) * h P i k c)).
  - intros i _. rewrite (feature_ext X (lin t P (emptied P j)) P) by (intros; unfold emptied; entries; ring).
    change (V (lin t P (emptied P j)) i c) with ((1 - t) * V P i c + t * (if Nat.eqb j i then 0 else V P i c)).
    unfold unit_effect, feature. destruct (Nat.eqb j i); ring.
Qed.

Lemma emptied_reading P j t k a : (j < m)%nat ->
  reading X m (lin t P (emptied P j)) k a - reading X m P k a = (- t) * (A P j a * feature X P k j).
Proof.
  intros Hj. unfold reading. rewrite <- lsum_minus.
  rewrite (lsum_ext _ _ (fun i => if Nat.eqb j i then (- t) * (A P i a * feature X P k i) else 0)).
  - now apply (lsum_delta m j (fun i => (- t) * (A P i a * feature X P k i))).
  - intros i _. rewrite (feature_ext X (lin t P (emptied P j)) P) by (intros; unfold emptied; entries; ring).
    change (A (lin t P (emptied P j)) i a) with ((1 - t) * A P i a + t * (if Nat.eqb j i then 0 else A P i a)).
    destruct (Nat.eqb j i); ring.
Qed.

Lemma emptied_U P j t : U (lin t P (emptied P j)) = U P.
Proof. apply matrix_ext; intros. unfold emptied; entries; ring. Qed.

Lemma emptied_Q P j t : Q (lin t P (emptied P j)) = Q P.
Proof. apply functional_extensionality; intros. apply matrix_ext; intros. unfold emptied; entries; ring. Qed.

(** D_V and D_A of one neuron *)
Definition output_share (sigma : R) (P : param) (j : nat) : R := sigma * (enorm (seen X) (W P j) * enorm (outputs X)
  (V P j)).
Definition reading_share (sigma lam : R) (P : param) (j : nat) : R :=
  sigma * (enorm (seen X) (W P j) * (lam * enorm (branch_in B) (A P j))).

Lemma emptied_deep sigma lam P j t : moment X sigma -> branch_gain X B P lam -> (j < m)%nat -> 0 <= t ->
  fnorm X (fun k c => deep X m B (lin t P (emptied P j)) k c - deep X m B P k c) <= t * reading_share sigma lam P j.
Proof.
  intros Hs Hlam Hj Ht. set (T := lin t P (emptied P j)).
  set (off := fun R0 : param => make (W R0) (fun _ _ => 0) (A R0) (U R0) (Q R0)).
  pose proof (parallel_move X m B (off P) (off T) lam Hlam (emptied_U P j t) (emptied_Q P j t)) as H.
  assert (Hskip : forall R0 k c, skip X m (off R0) k c = 0).
  { intros R0 k c. apply lsum_zero; intros i _. change (V (off R0) i c) with 0. ring. }
  replace (fun k c => net (off T) k c - net (off P) k c) with (fun k c => deep X m B T k c - deep X m B P k c) in H
    by (apply matrix_ext; intros k c; unfold parallel; rewrite !Hskip;
        change (deep X m B (off T) k c) with (deep X m B T k c);
          change (deep X m B (off P) k c) with (deep X m B P k c); ring).
  rewrite (l2norm_zero X _ (fun k c => skip X m (off T) k c - skip X m (off P) k c)) in H by (intros; rewrite !Hskip;
    ring).
  eapply Rle_trans; [exact H|]. rewrite Rplus_0_l.
  assert (Hread : l2norm X (branch_in B) (fun k a => reading X m (off T) k a - reading X m (off P) k a)
    <= t * (enorm (branch_in B) (A P j) * (sigma * enorm (seen X) (W P j)))).
  { replace (fun k a => reading X m (off T) k a - reading X m (off P) k a)
      with (fun k a => - (t * \sum_(i in [j]) (A P i a * feature X P k i))).
    - rewrite (l2norm_opp X _ (fun k a => t * _)), l2norm_scal_pos by easy. apply Rmult_le_compat_l; [easy|].
      eapply Rle_trans; [apply (l2norm_rank1_sum X (branch_in B) [j] (fun i k => feature X P k i) (A P))|].
      cbn [lsum]. rewrite Rplus_0_r. apply Rmult_le_compat_l; [apply enorm_nonneg|].
      pose proof (feature_move X P (make (fun _ _ => 0) (V P) (A P) (U P) (Q P)) sigma 1 j Hs Rle_0_1) as Hf.
      rewrite lin_1, Rmult_1_l in Hf.
      rewrite (enorm_ext (seen X) _ (W P j)) in Hf by (intros; change (W P j i - 0 = W P j i); ring).
      eapply Rle_trans; [|exact Hf]. right. unfold pnorm. rewrite <- wnorm_opp by apply weight_nonneg.
      apply wnorm_ext. intros k _. unfold feature at 2. replace (dot X _ (input X k)) with 0; [rewrite relu_pos; lra|].
      symmetry. apply lsum_zero. intros i _. change (0 * input X k i = 0). ring.
    - apply matrix_ext; intros k a. change (reading X m (off T) k a) with (reading X m T k a).
      change (reading X m (off P) k a) with (reading X m P k a). unfold T. rewrite emptied_reading by easy.
      cbn [lsum]. ring. }
  pose proof (branch_gain_nonneg X B P lam Hlam) as Hlam0.
  apply (Rmult_le_compat_l lam) in Hread; [|easy]. unfold reading_share. lra.
Qed.

Lemma effect_bound sigma P j : moment X sigma -> fnorm X (h P j) <= output_share sigma P j.
Proof. intros Hs. now apply unit_norm. Qed.

(** emptying one slot is a route: within t sigma s_j *)
Lemma emptied_close sigma lam P j t : moment X sigma -> branch_gain X B P lam -> (j < m)%nat -> 0 <= t ->
  fnorm X (fun k c => net (lin t P (emptied P j)) k c - net P k c) <= t * (sigma * neuron_mass X B lam P j).
Proof.
  intros Hs Hlam Hj Ht.
  replace (fun k c => net (lin t P (emptied P j)) k c - net P k c) with
    (fun k c => (deep X m B (lin t P (emptied P j)) k c - deep X m B P k c) + - (t * h P j k c)).
  - unfold fnorm. eapply Rle_trans; [apply l2norm_triangle|]. rewrite l2norm_opp, l2norm_scal_pos by easy.
    pose proof (emptied_deep sigma lam P j t Hs Hlam Hj Ht) as H1. pose proof (effect_bound sigma P j Hs) as H2.
    unfold fnorm in H1, H2. pose proof (Rmult_le_compat_l t _ _ Ht H2) as H4.
    assert (E : reading_share sigma lam P j + output_share sigma P j = sigma * neuron_mass X B lam P j)
      by (unfold reading_share, output_share, neuron_mass; ring).
    rewrite <- E. lra.
  - apply matrix_ext; intros k c. unfold parallel. rewrite (emptied_skip P j t Hj). ring.
Qed.

Lemma emptied_freed sigma lam P j : moment X sigma -> branch_gain X B P lam -> (j < m)%nat ->
  freed X m B (sigma * neuron_mass X B lam P j) [j] P (emptied P j).
Proof.
  intros Hs Hlam Hj. split; [|apply emptied_silent]. apply joined_line. intros t Ht. unfold close.
  eapply Rle_trans; [apply (emptied_close sigma lam); try easy|].
  pose proof (branch_gain_nonneg X B P lam Hlam) as Hlam0. pose proof (neuron_mass_nonneg X B lam P j Hlam0) as H3.
  assert (0 <= sigma * neuron_mass X B lam P j) by (apply Rmult_le_pos; [apply Hs | easy]). nra.
Qed.

(** * Lambda = 0: ||h_j||^2 *)

Theorem C7_effect l w v P j K : branch_gain X B P 0 -> (j < m)%nat -> variance X l w v <= K^2 -> 0 <= K ->
  K * fnorm X (h P j) < loss P - sqrt (loss P * squared X (two_layer X l w v)) ->
  depth_at_most (fun P => loss P) P ((fnorm X (h P j))^2).
Proof.
  intros Hgain Hj Hv HK Hthr. set (d := fnorm X (h P j)) in *.
  destruct (optimal_or_better X m B P) as [Ho|(v' & Hb)].
  - assert (Hmove : forall t, loss (lin t P (emptied P j)) <= loss P + t^2 * d^2).
    { intros t. pose proof (optimal_move X m B P (emptied P j) t Hgain Ho eq_refl eq_refl eq_refl) as H.
      replace (fun k c => \sum_(i < m) ((V (emptied P j) i c - V P i c) * feature X P k i)) with (fun k c => (-1) * h
        P j k c) in H.
      - rewrite fnorm_scal in H. fold d in H. lra.
      - apply matrix_ext; intros k c. pose proof (f_equal (fun F => F k c) (emptied_skip P j 1 Hj)) as E. cbv beta in E.
        rewrite lin_1 in E. unfold skip in E.
        rewrite (lsum_ext _ _ (fun i => V (emptied P j) i c * feature X (emptied P j) k i - V P i c * feature X P k i))
          by (intros; rewrite (feature_ext X (emptied P j) P) by (intros; reflexivity); ring).
        rewrite lsum_minus, E. ring. }
    replace (d^2) with ((loss P + d^2) - loss P) by ring.
    apply (T7_threshold X m B l w v P (emptied P j) j (loss P + d^2) K d Hj); try easy.
    + apply joined_line. intros t Ht. unfold sublevel. eapply Rle_trans; [apply Hmove|].
      pose proof (pow2_ge_0 d). assert (t^2 <= 1) by nra. nra.
    + apply emptied_silent.
    + pose proof (Hmove 1) as H. rewrite lin_1 in H. lra.
    + apply fnorm_nonneg.
  - apply (depth_at_most_mono _ P 0); [apply pow2_ge_0|]. now apply (readout_descent X m B P v' (U P)).
Qed.

(** "hence (H/m)^2", H = sum ||h_j||; H <= sigma S is C7_constants *)
Theorem C7_mean l w v P K : branch_gain X B P 0 -> (0 < m)%nat -> variance X l w v <= K^2 -> 0 <= K ->
  let d := effect_mass X m (W P) (V P) / INR m in
  K * d < loss P - sqrt (loss P * squared X (two_layer X l w v)) ->
  depth_at_most (fun P => loss P) P (d^2).
Proof.
  intros Hgain Hm Hv HK d Hthr. destruct (lightest m (fun j => fnorm X (h P j)) Hm) as (j & Hj & Hl).
  assert (Hp : 0 < INR m) by (now apply lt_0_INR).
  assert (Hd : fnorm X (h P j) <= d).
  { unfold d, effect_mass. apply (Rmult_le_reg_r (INR m)); [easy|].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. lra. }
  pose proof (fnorm_nonneg X (h P j)) as Hf0.
  apply (depth_at_most_mono _ P ((fnorm X (h P j))^2)); [apply pow_incr; lra|].
  apply (C7_effect l w v P j K Hgain Hj Hv HK). eapply Rle_lt_trans; [|exact Hthr]. now apply Rmult_le_compat_l.
Qed.

(** "hence (sigma S/m)^2 for the best j" *)
Theorem C7_rate l w v sigma P K : moment X sigma -> branch_gain X B P 0 -> (0 < m)%nat ->
  variance X l w v <= K^2 -> 0 <= K -> let d := sigma * mass X m B 0 P / INR m in
  K * d < loss P - sqrt (loss P * squared X (two_layer X l w v)) ->
  depth_at_most (fun P => loss P) P (d^2).
Proof.
  intros Hs Hgain Hm Hv HK d Hthr. destruct (lightest m (neuron_mass X B 0 P) Hm) as (j & Hj & Hl).
  assert (Hp : 0 < INR m) by (now apply lt_0_INR). pose proof Hs as [Hs0 _].
  assert (Hd : fnorm X (h P j) <= d).
  { eapply Rle_trans; [apply (effect_bound sigma P j Hs)|]. unfold d, mass. apply (Rmult_le_reg_r (INR m)); [easy|].
    unfold Rdiv. rewrite (Rmult_assoc (sigma * _) (/ INR m)), Rinv_l, Rmult_1_r by lra.
    unfold output_share. rewrite Rmult_assoc. apply Rmult_le_compat_l; [easy|]. eapply Rle_trans; [|exact Hl].
    right. unfold neuron_mass. ring. }
  pose proof (fnorm_nonneg X (h P j)) as Hf0.
  apply (depth_at_most_mono _ P ((fnorm X (h P j))^2)); [apply pow_incr; lra|].
  apply (C7_effect l w v P j K Hgain Hj Hv HK). eapply Rle_lt_trans; [|exact Hthr]. now apply Rmult_le_compat_l.
Qed.

(** * A live branch, and any route that empties one slot *)

Theorem C7_route l w v P P' j K d : (j < m)%nat -> freed X m B d [j] P P' -> 0 <= d ->
  variance X l w v <= K^2 -> 0 <= K ->
  K * sqrt (rise (loss P) d) < loss P - sqrt (loss P * squared X (two_layer X l w v)) ->
  depth_at_most (fun P => loss P) P (rise (loss P) d).
Proof.
  intros Hj [Hpath H0] Hd Hv HK Hthr. pose proof (rise_nonneg (loss P) d Hd) as Hr.
  assert (Hclose : forall T, close X net d P T -> loss T <= loss P + rise (loss P) d).
  { intros T HT. unfold close in HT. pose proof (L8_squared X (net P) (fun k c => net T k c - net P k c)) as H8.
    cbv beta in H8.
    replace (fun k c => net P k c + (net T k c - net P k c)) with (net T) in H8 by (apply matrix_ext; intros; ring).
    assert (Hsq : (sqrt (loss T))^2 <= (sqrt (loss P) + d)^2) by (apply pow_incr; split; [apply sqrt_pos | lra]).
    rewrite pow2_sqrt in Hsq by apply squared_nonneg. pose proof (pow2_sqrt (loss P) (squared_nonneg X _)).
    unfold rise. lra. }
  replace (rise (loss P) d) with ((loss P + rise (loss P) d) - loss P) by ring.
  apply (T7_threshold X m B l w v P P' j (loss P + rise (loss P) d) K (sqrt (rise (loss P) d)) Hj); try easy.
  - eapply joined_mono; [|exact Hpath]. exact Hclose.
  - rewrite pow2_sqrt by easy. apply Hclose. now apply joined_end in Hpath.
  - apply sqrt_pos.
Qed.

(** "2 sqrt(L) sigma S/m + (sigma S/m)^2" *)
Theorem C7_live l w v sigma lam P K : moment X sigma -> branch_gain X B P lam -> (0 < m)%nat ->
  variance X l w v <= K^2 -> 0 <= K -> let d := sigma * mass X m B lam P / INR m in
  K * sqrt (rise (loss P) d) < loss P - sqrt (loss P * squared X (two_layer X l w v)) ->
  depth_at_most (fun P => loss P) P (rise (loss P) d).
Proof.
  intros Hs Hlam Hm Hv HK d Hthr. destruct (lightest m (neuron_mass X B lam P) Hm) as (j & Hj & Hl).
  assert (Hp : 0 < INR m) by (now apply lt_0_INR). pose proof Hs as [Hs0 _].
  pose proof (branch_gain_nonneg X B P lam Hlam) as Hlam0. pose proof (mass_nonneg X m B lam P Hlam0) as HS.
  assert (Hd0 : 0 <= d) by (apply Rmult_le_pos; [now apply Rmult_le_pos | left; now apply Rinv_0_lt_compat]).
  assert (Hd : sigma * neuron_mass X B lam P j <= d).
  { unfold d, mass. apply (Rmult_le_reg_r (INR m)); [easy|].
    unfold Rdiv. rewrite (Rmult_assoc (sigma * _) (/ INR m)), Rinv_l, Rmult_1_r by lra.
    rewrite Rmult_assoc. apply Rmult_le_compat_l; [easy|]. eapply Rle_trans; [|exact Hl]. right; ring. }
  apply (C7_route l w v P (emptied P j) j K d Hj); try easy.
  destruct (emptied_freed sigma lam P j Hs Hlam Hj) as [Hpath H0]. split; [|easy].
  eapply joined_mono; [|exact Hpath]. intros T HT. unfold close in *. lra.
Qed.

(** sharper: "2 sqrt(L) D_A + (D_V + D_A)^2", for any j *)
Theorem C7_mixed l w v sigma lam P j K : moment X sigma -> branch_gain X B P lam -> (j < m)%nat ->
  variance X l w v <= K^2 -> 0 <= K ->
  let r := 2 * sqrt (loss P) * reading_share sigma lam P j + (output_share sigma P j + reading_share sigma lam P j)^2 in
  K * sqrt r < loss P - sqrt (loss P * squared X (two_layer X l w v)) ->
  depth_at_most (fun P => loss P) P r.
Proof.
  intros Hs Hlam Hj Hv HK r Hthr. set (DA := reading_share sigma lam P j) in *. set (DV := output_share sigma P j) in *.
  pose proof Hs as [Hs0 _]. pose proof (branch_gain_nonneg X B P lam Hlam) as Hlam0.
  assert (HDA : 0 <= DA) by (unfold DA, reading_share; repeat apply Rmult_le_pos; try easy; apply enorm_nonneg).
  assert (HDV : 0 <= DV) by (unfold DV, output_share; repeat apply Rmult_le_pos; try easy; apply enorm_nonneg).
  pose proof (sqrt_pos (loss P)) as Hrt.
  assert (Hr : 0 <= r) by (unfold r; pose proof (pow2_ge_0 (DV + DA)); nra).
  destruct (optimal_or_better X m B P) as [Ho|(v' & Hb)].
  - set (R0 := fun k c => net P k c - target X k c).
    assert (Horth : inner X R0 (h P j) = 0).
    { pose proof (optimal_orthogonal X m B P (fun i c => if Nat.eqb j i then V P i c else 0) Ho) as H. fold R0 in H.
      replace (h P j) with (fun k c => \sum_(i < m) ((if Nat.eqb j i then V P i c else 0) * feature X P k i));
        [exact H|].
      apply matrix_ext; intros k c.
      rewrite (lsum_ext _ _ (fun i => if Nat.eqb j i then V P i c * feature X P k i else 0))
        by (intros i _; destruct (Nat.eqb j i); ring).
      now rewrite (lsum_delta m j (fun i => V P i c * feature X P k i)). }
    assert (Hmove : forall t, 0 <= t <= 1 -> loss (lin t P (emptied P j)) <= loss P + r).
    { intros t Ht. set (dd := fun k c => deep X m B (lin t P (emptied P j)) k c - deep X m B P k c).
      assert (Hdd : fnorm X dd <= t * DA) by (now apply emptied_deep).
      assert (En : net (lin t P (emptied P j)) = fun k c => net P k c + 1 * (dd k c + (- t) * h P j k c)).
      { apply matrix_ext; intros k c. unfold dd, parallel. rewrite (emptied_skip P j t Hj). ring. }
      rewrite En, squared_shift. fold R0. rewrite inner_plus, inner_scal, Horth.
      assert (Hi : inner X R0 dd <= sqrt (loss P) * (t * DA)).
      { eapply Rle_trans; [apply inner_le|]. rewrite sqrt_squared.
        apply Rmult_le_compat_l; [apply fnorm_nonneg | exact Hdd]. }
      assert (Hn : fnorm X (fun k c => dd k c + - t * h P j k c) <= t * (DA + DV)).
      { replace (fun k c => dd k c + - t * h P j k c) with (fun k c => dd k c + - (t * h P j k c))
          by (apply matrix_ext; intros; ring).
        unfold fnorm. eapply Rle_trans; [apply l2norm_triangle|]. rewrite l2norm_opp, l2norm_scal_pos by easy.
        pose proof (effect_bound sigma P j Hs) as H2. fold DV in H2. unfold fnorm in Hdd, H2.
        pose proof (Rmult_le_compat_l t _ _ (proj1 Ht) H2). lra. }
      pose proof (fnorm_nonneg X (fun k c => dd k c + - t * h P j k c)) as Hn0.
      assert (Hn2 : (fnorm X (fun k c => dd k c + - t * h P j k c))^2 <= (DA + DV)^2) by (apply pow_incr; nra).
      assert (Ht1 : sqrt (loss P) * (t * DA) <= sqrt (loss P) * DA) by (apply Rmult_le_compat_l; [easy | nra]).
      unfold r. replace (DV + DA) with (DA + DV) by ring. lra. }
    replace r with ((loss P + r) - loss P) by ring.
    apply (T7_threshold X m B l w v P (emptied P j) j (loss P + r) K (sqrt r) Hj); try easy.
    + apply joined_line. exact Hmove.
    + apply emptied_silent.
    + rewrite pow2_sqrt by easy. rewrite <- (lin_1 P (emptied P j)). apply Hmove. lra.
    + apply sqrt_pos.
  - apply (depth_at_most_mono _ P 0); [easy|]. now apply (readout_descent X m B P v' (U P)).
Qed.

(** * Lambda = 0 by L3's merging, l slots: D(J)^2, threshold K/sqrt l *)
Theorem T7B_merge n l w v sigma P J ctr cf K : (0 < n)%nat -> moment X sigma -> branch_gain X B P 0 ->
  admissible m n J ctr cf -> variance X l w v <= K^2 -> 0 <= K -> let d := deviation X B sigma 0 P J ctr cf in
  K / sqrt (INR n) * d < loss P - sqrt (loss P * squared X (two_layer X l w v)) ->
  depth_at_most (fun P => loss P) P (d^2).
Proof.
  intros Hn Hs Hgain Ha Hv HK d Hthr. pose proof Ha as [HJ _].
  destruct (optimal_or_better X m B P) as [Ho|(v' & Hb)].
  - destruct (fused_below X m B n sigma P J ctr cf Hs Hgain Ha Ho) as [Hpath H0]. fold d in Hpath.
    replace (d^2) with ((loss P + d^2) - loss P) by ring.
    apply (T7B_threshold X m B n J l w v P (transfer P J ctr cf) (loss P + d^2) K d HJ Hn Hpath H0); try easy.
    + exact (joined_end _ _ _ Hpath).
    + apply deviation_nonneg; [apply Hs | lra].
  - apply (depth_at_most_mono _ P 0); [apply pow2_ge_0|]. now apply (readout_descent X m B P v' (U P)).
Qed.

(** * Other losses, Lambda = 0: (beta/2) ||h_j||^2 *)

(** where the derivative along h_j is not 0, a step along it is better *)
Theorem T7L_effect Phi beta l w v P j K : smooth X beta Phi -> 0 < beta -> branch_gain X B P 0 -> (j < m)%nat ->
  variance X l w v <= K^2 -> 0 <= K ->
  Phi (two_layer X l w v) + beta * K * fnorm X (h P j) < Phi (net P) ->
  depth_at_most (fun P => Phi (net P)) P (beta / 2 * (fnorm X (h P j))^2).
Proof.
  intros HPhi Hb Hgain Hj Hv HK Hthr. set (d := fnorm X (h P j)) in *. pose proof HPhi as [_ Hsm].
  assert (Hd2 : 0 <= beta / 2 * d^2) by (apply Rmult_le_pos; [lra | apply pow2_ge_0]).
  destruct (Hsm (net P)) as (r & Hr). set (s := inner X r (h P j)).
  assert (Hscale : forall t, Phi (fun k c => net P k c + t * h P j k c) <= Phi (net P) + t * s
    + beta / 2 * (t^2 * d^2)).
  { intros t. destruct (Hr (fun k c => t * h P j k c)) as [_ H]. rewrite inner_scal, fnorm_scal in H. exact H. }
  destruct (Req_dec s 0) as [E|E].
  - (* A_j is not felt *)
    assert (Hmove : forall t, 0 <= t -> Phi (net (lin t P (emptied P j))) <= Phi (net P) + beta / 2 * (t^2 * d^2)).
    { intros t Ht. set (u := fun k c => net P k c + (- t) * h P j k c).
      set (dd := fun k c => deep X m B (lin t P (emptied P j)) k c - deep X m B P k c).
      assert (Hdd : fnorm X dd = 0) by (apply (gain_zero_move X m B P _ Hgain); [apply emptied_U | apply emptied_Q]).
      replace (net (lin t P (emptied P j))) with (fun k c => u k c + dd k c).
      - destruct (Hsm u) as (r' & Hr'). destruct (Hr' dd) as [_ H']. rewrite (inner_null X r' dd Hdd), Hdd in H'.
        pose proof (Hscale (- t)) as H. rewrite E in H. fold u in H. lra.
      - apply matrix_ext; intros k c. unfold u, dd, parallel. rewrite (emptied_skip P j t Hj). ring. }
    replace (beta / 2 * d^2) with ((Phi (net P) + beta / 2 * d^2) - Phi (net P)) by ring.
    apply (T7L_threshold X m B Phi beta l w v P (emptied P j) j (Phi (net P) + beta / 2 * d^2) K d HPhi Hb Hj);
      try easy.
    + apply joined_line. intros t Ht. unfold sublevel, loss_of. eapply Rle_trans; [now apply Hmove|].
      assert (t^2 <= 1) by nra. nra.
    + apply emptied_silent.
    + pose proof (Hmove 1 Rle_0_1) as H. rewrite lin_1 in H. lra.
    + apply fnorm_nonneg.
  - apply (depth_at_most_mono _ P 0); [easy|].
    set (q := beta / 2 * d^2) in *. set (t := - s / (q + 1)).
    set (v' := fun i c => if Nat.eqb j i then V P i c + t * V P i c else V P i c).
    assert (En : net (readout P v' (U P)) = fun k c => net P k c + t * h P j k c).
    { apply matrix_ext; intros k c. unfold parallel, skip. rewrite V_readout.
      change (deep X m B (readout P v' (U P)) k c) with (deep X m B P k c).
      rewrite (lsum_ext _ (fun i => v' i c * _) (fun i => V P i c * feature X P k i
        + (if Nat.eqb j i then t * h P i k c else 0))).
      - rewrite lsum_plus, (lsum_delta m j (fun i => t * h P i k c)) by easy. ring.
      - intros i _. rewrite feature_readout. unfold v', unit_effect, feature. destruct (Nat.eqb j i); ring. }
    assert (Hlow : Phi (net (readout P v' (U P))) < Phi (net P)).
    { rewrite En. eapply Rle_lt_trans; [apply Hscale|].
      replace (Phi (net P) + t * s + beta / 2 * (t^2 * d^2)) with (Phi (net P) - s^2 * (/ (q + 1)^2))
        by (unfold t; replace (beta / 2 * ((- s / (q + 1))^2 * d^2)) with (q * (- s / (q + 1))^2) by (unfold q; ring);
          field; lra).
      assert (0 < s^2) by (replace (s^2) with (Rsqr s) by (unfold Rsqr; ring); now apply Rsqr_pos_lt).
      assert (0 < / (q + 1)^2) by (apply Rinv_0_lt_compat, pow_lt; lra). nra. }
    apply (joined_depth _ P (readout P v' (U P))); [|exact Hlow]. apply joined_line. intros t' Ht'. unfold sublevel.
    replace (net (lin t' P (readout P v' (U P)))) with (fun k c => (1 - t') * net P k c
      + t' * net (readout P v' (U P)) k c)
      by (apply matrix_ext; intros; symmetry; apply L7_affine).
    eapply Rle_trans; [apply (convex_max_at_ends _ (smooth_convex X beta Phi HPhi)); lra|]. rewrite Rplus_0_r.
    apply Rmax_lub; lra.
Qed.
End Emptying.
