(** C1+ [ours] (blueprint, section 2): "at a point where V is optimal for the rest and Lambda = 0: depth <= D^2"; and,
    as blueprint-2 amends it, at every point: where V is not optimal, one readout line has depth 0.

    Definitions: [optimal_readout], no other V is better, the rest as it is; [local_minimum], nothing better within
    some eps in every weight. A local minimum has an optimal readout.
    Statements: C1+. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import perturb transfer readout losses slots smooth.
From Skipscape.routes Require Import route.
Import ListNotations.
Open Scope R_scope.

Section Optimal.
Variables (X : data) (m : nat) (B : branch).
Notation net := (parallel X m B).
Notation loss P := (squared X (net P)).

(** no other V is better (every local minimum with kappa = 0 has this) *)
Definition optimal_readout (P : param) : Prop := forall v, loss P <= loss (readout P v (U P)).

(** a local minimum: nothing better within distance eps in every weight *)
Definition local_minimum (F : param -> R) (P : param) : Prop := exists eps, 0 < eps /\
  forall P', (forall x, Rabs (P' x - P x) <= eps) -> F P <= F P'.

(** "every local minimum, kappa = 0" has an optimal readout: the loss is convex in V *)
Theorem local_minimum_optimal P : local_minimum (fun P => loss P) P -> optimal_readout P.
Proof.
  intros (eps & Heps & Hmin) v.
  (* only the entries j < m, c < p count *)
  set (v' := fun j c => if andb (Nat.ltb j m) (Nat.ltb c (outputs X)) then v j c else V P j c).
  assert (Esame : loss (readout P v' (U P)) = loss (readout P v (U P))).
  { apply squared_on_points. intros k c _ Hc. unfold parallel. f_equal. apply lsum_ext; intros j Hj.
    apply in_rng in Hj. rewrite !V_readout. unfold v'.
    rewrite (proj2 (Nat.ltb_lt j m) Hj), (proj2 (Nat.ltb_lt c (outputs X)) Hc). easy. }
  rewrite <- Esame. set (P' := readout P v' (U P)).
  set (M := \sum_(j < m) \sum_(c < outputs X) Rabs (v j c - V P j c)).
  assert (HM0 : forall j, 0 <= \sum_(c < outputs X) Rabs (v j c - V P j c))
    by (intros; apply lsum_nonneg; intros; apply Rabs_pos).
  assert (HM : forall x, Rabs (P' x - P x) <= M).
  { assert (HMpos : 0 <= M) by (apply lsum_nonneg; intros; apply HM0).
    assert (Hfixed : forall y, Rabs (y - y) <= M) by (intros y; now rewrite Rminus_diag_eq, Rabs_R0).
    intros [j i|j c|j a|c s|d s i]; [exact (Hfixed _) | | exact (Hfixed _) | exact (Hfixed _) | exact (Hfixed _)].
    change (P' (InV j c)) with (v' j c). change (P (InV j c)) with (V P j c). unfold v'.
    destruct (Nat.ltb_spec j m) as [Hj|Hj]; cbn [andb]; [|rewrite Rminus_diag_eq, Rabs_R0; easy].
    destruct (Nat.ltb_spec c (outputs X)) as [Hc|Hc]; [|rewrite Rminus_diag_eq, Rabs_R0; easy].
    eapply Rle_trans; [apply (lsum_term (seq 0 (outputs X)) (fun c => Rabs (v j c - V P j c)))|].
    - intros; apply Rabs_pos.
    - now apply in_rng.
    - apply (lsum_term (seq 0 m) (fun j => \sum_(c < outputs X) Rabs (v j c - V P j c)));
        [intros; apply HM0 | now apply in_rng]. }
  assert (HM1 : 0 <= M) by (apply lsum_nonneg; intros; apply HM0).
  (* a short step of the line, then convexity *)
  set (t := Rmin 1 (eps / (M + 1))).
  assert (Ht0 : 0 < t) by (apply Rmin_glb_lt; [lra | apply Rmult_lt_0_compat; [easy | apply Rinv_0_lt_compat; lra]]).
  assert (Ht1 : t <= 1) by apply Rmin_l.
  assert (HtM : t * M <= eps).
  { apply Rle_trans with (eps / (M + 1) * M); [apply Rmult_le_compat_r; [easy | apply Rmin_r]|].
    apply (Rmult_le_reg_r (M + 1)); [lra|]. replace (eps / (M + 1) * M * (M + 1)) with (eps * M) by (field; lra). nra. }
  assert (Hstep : loss P <= loss (lin t P P')).
  { apply Hmin. intros x. replace (lin t P P' x - P x) with (t * (P' x - P x)) by (unfold lin; ring).
    rewrite Rabs_mult, (Rabs_right t) by lra. eapply Rle_trans; [|exact HtM].
    apply Rmult_le_compat_l; [lra | apply HM]. }
  assert (Hconv : loss (lin t P P') <= (1 - t) * loss P + t * loss P').
  { replace (net (lin t P P')) with (fun k c => (1 - t) * net P k c + t * net P' k c)
      by (apply matrix_ext; intros; symmetry; apply L7_affine).
    apply L7_squared. lra. }
  change (loss P <= loss P'). nra.
Qed.

(** the residual is orthogonal to whatever a change of V can add *)
Lemma optimal_orthogonal P v : optimal_readout P ->
  inner X (fun k c => net P k c - target X k c) (fun k c => \sum_(j < m) (v j c * feature X P k j)) = 0.
Proof.
  intros Hopt. set (g := fun k c => \sum_(j < m) (v j c * feature X P k j)).
  apply (no_slope _ ((fnorm X g)^2)); [apply pow2_ge_0|]. intros s.
  pose proof (Hopt (fun j c => V P j c + s * v j c)) as H.
  replace (net (readout P (fun j c => V P j c + s * v j c) (U P))) with (fun k c => net P k c + s * g k c) in H.
  - rewrite squared_shift in H. lra.
  - apply matrix_ext; intros k c. unfold parallel, skip, g. rewrite V_readout.
    change (deep X m B (readout P (fun j c => V P j c + s * v j c) (U P)) k c) with (deep X m B P k c).
    rewrite (lsum_ext _ (fun j => (V P j c + s * v j c) * _)
      (fun j => V P j c * feature X P k j + s * (v j c * feature X P k j))).
    + rewrite lsum_plus, lsum_scal. ring.
    + intros j _. rewrite feature_readout. ring.
Qed.

(** Lambda = 0: the branch does not see a change of A *)
Lemma gain_zero_move P P' : branch_gain X B P 0 -> U P' = U P -> Q P' = Q P ->
  l2norm X (outputs X) (fun k c => deep X m B P' k c - deep X m B P k c) = 0.
Proof.
  intros Hgain EU EQ. apply Rle_antisym; [|apply l2norm_nonneg].
  (* with V = 0 the whole network is its branch *)
  set (off := fun T : param => make (W T) (fun _ _ => 0) (A T) (U T) (Q T)).
  pose proof (parallel_move X m B (off P) (off P') 0 Hgain EU EQ) as H.
  assert (Hskip : forall T k c, skip X m (off T) k c = 0).
  { intros T k c. apply lsum_zero; intros j _. change (V (off T) j c) with 0. ring. }
  replace (fun k c => net (off P') k c - net (off P) k c)
    with (fun k c => deep X m B P' k c - deep X m B P k c) in H.
  - rewrite (l2norm_zero X _ (fun k c => skip X m (off P') k c - skip X m (off P) k c)) in H
      by (intros; rewrite !Hskip; ring).
    unfold fnorm in H. lra.
  - apply matrix_ext; intros k c. unfold parallel. rewrite !Hskip.
    change (deep X m B (off P') k c) with (deep X m B P' k c).
    change (deep X m B (off P) k c) with (deep X m B P k c). ring.
Qed.

(** no slope in any entry of V: the readout is optimal; this is decided by finitely many means *)
Lemma orthogonal_optimal P :
  (forall j c, (j < m)%nat -> (c < outputs X)%nat ->
     \sum_(k < points X) (weight X k * ((net P k c - target X k c) * feature X P k j)) = 0) -> optimal_readout P.
Proof.
  intros H v. set (R0 := fun k c => net P k c - target X k c).
  set (g := fun k c => \sum_(j < m) ((v j c - V P j c) * feature X P k j)).
  assert (E : net (readout P v (U P)) = fun k c => net P k c + 1 * g k c).
  { apply matrix_ext; intros k c. unfold parallel, skip, g. rewrite V_readout.
    change (deep X m B (readout P v (U P)) k c) with (deep X m B P k c).
    rewrite (lsum_ext _ (fun j => v j c * _) (fun j => V P j c * feature X P k j + (v j c - V P j c) * feature X P k j))
      by (intros; rewrite feature_readout; ring). rewrite lsum_plus. ring. }
  assert (E0 : inner X R0 g = 0).
  { unfold inner, g. rewrite (lsum_ext _ _ (fun k => \sum_(c < outputs X) \sum_(j < m)
        ((v j c - V P j c) * (weight X k * (R0 k c * feature X P k j))))).
    - rewrite lsum_swap. apply lsum_zero; intros c Hc. rewrite lsum_swap. apply lsum_zero; intros j Hj.
      rewrite lsum_scal. unfold R0. rewrite H by (now apply in_rng). ring.
    - intros k _. rewrite <- lsum_scal. apply lsum_ext; intros c _. rewrite <- !lsum_scal.
      apply lsum_ext; intros; ring. }
  rewrite E, squared_shift. fold R0. rewrite E0. pose proof (pow2_ge_0 (fnorm X g)). lra.
Qed.

(** the readout of V is optimal, or another V is better *)
Lemma optimal_or_better P : optimal_readout P \/ exists v, loss (readout P v (U P)) < loss P.
Proof.
  set (slope := fun j c => \sum_(k < points X) (weight X k * ((net P k c - target X k c) * feature X P k j))).
  assert (Hdec : forall jc, {slope (fst jc) (snd jc) = 0} + {slope (fst jc) (snd jc) <> 0}) by (intros; apply Req_EM_T).
  destruct (Forall_Exists_dec _ Hdec (list_prod (seq 0 m) (seq 0 (outputs X)))) as [H|H].
  - left. apply orthogonal_optimal. intros j c Hj Hc. rewrite Forall_forall in H. apply (H (j, c)).
    apply in_prod; now apply in_rng.
  - right. apply Exists_exists in H. destruct H as ([j0 c0] & Hin & Hs). cbn [fst snd] in Hs. apply in_prod_iff in Hin.
    destruct Hin as [Hj Hc]. apply in_rng in Hj, Hc.
    set (g := fun k c => if Nat.eqb c0 c then feature X P k j0 else 0).
    assert (E0 : inner X (fun k c => net P k c - target X k c) g = slope j0 c0).
    { unfold inner, slope. apply lsum_ext; intros k _. f_equal.
      rewrite (lsum_ext _ _ (fun c => if Nat.eqb c0 c then (net P k c - target X k c) * feature X P k j0 else 0)).
      - now apply (lsum_delta (outputs X) c0 (fun c => (net P k c - target X k c) * feature X P k j0)).
      - intros c _. unfold g. destruct (Nat.eqb c0 c); ring. }
    set (q := (fnorm X g)^2). assert (Hq : 0 <= q) by apply pow2_ge_0. set (s0 := slope j0 c0) in *.
    set (t := - s0 / (q + 1)). exists (fun j c => if Nat.eqb j0 j then (if Nat.eqb c0 c then V P j c
      + t else V P j c) else V P j c).
    replace (net (readout P _ (U P))) with (fun k c => net P k c + t * g k c).
    + rewrite squared_shift, E0. fold q.
      replace (squared X (net P) + 2 * t * s0 + t^2 * q) with (squared X (net P) - s0^2 * ((q + 2) / (q + 1)^2))
        by (unfold t; field; lra).
      assert (0 < (q + 2) / (q + 1)^2) by (apply Rdiv_lt_0_compat; [lra | apply pow_lt; lra]).
      assert (0 < s0^2) by (replace (s0^2) with (Rsqr s0) by (unfold Rsqr; ring); now apply Rsqr_pos_lt).
      pose proof (Rmult_lt_0_compat _ _ H0 H). lra.
    + apply matrix_ext; intros k c. unfold parallel, skip. rewrite V_readout.
      change (deep X m B (readout P ?v (U P)) k c) with (deep X m B P k c).
      rewrite (lsum_ext _ (fun j => (if Nat.eqb j0 j then _ else _) * _)
        (fun j => V P j c * feature X P k j + (if Nat.eqb j0 j then (if Nat.eqb c0 c then t * feature X P k j else 0)
          else 0))).
      * rewrite lsum_plus, (lsum_delta m j0 (fun j => if Nat.eqb c0 c then t * feature X P k j else 0)) by easy.
        unfold g.
        destruct (Nat.eqb c0 c); ring.
      * intros j _. rewrite feature_readout. destruct (Nat.eqb j0 j); [destruct (Nat.eqb c0 c) |]; ring.
Qed.

(** a better readout is reached by one line that never rises *)
Lemma readout_descent P v u : loss (readout P v u) < loss P -> depth_at_most (fun P => loss P) P 0.
Proof.
  intros Hb. apply (joined_depth _ P (readout P v u)); [|exact Hb]. apply joined_line. intros t Ht. unfold sublevel.
  replace (net (lin t P (readout P v u))) with (fun k c => (1 - t) * net P k c + t * net (readout P v u) k c)
    by (apply matrix_ext; intros; symmetry; apply L7_affine).
  eapply Rle_trans; [apply L7_squared; lra|]. cbv beta in *. nra.
Qed.

(** with V optimal and Lambda = 0, moving V along a line costs ||what is added||^2 and no slope; A moves unseen *)
Lemma optimal_move P P' t : branch_gain X B P 0 -> optimal_readout P -> W P' = W P -> U P' = U P -> Q P' = Q P ->
  loss (lin t P P')
  <= loss P + t^2 * (fnorm X (fun k c => \sum_(j < m) ((V P' j c - V P j c) * feature X P k j)))^2.
Proof.
  intros Hgain Hopt EW EU EQ. set (T := lin t P P').
  set (g := fun k a => \sum_(j < m) ((V P' j a - V P j a) * feature X P k j)).
  assert (EUT : U T = U P) by (apply matrix_ext; intros c s; change (U T c s) with ((1 - t) * U P c s + t * U P' c s);
    rewrite EU; ring).
  assert (EQT : Q T = Q P).
  { apply functional_extensionality; intros d. apply matrix_ext; intros s i.
    change (Q T d s i) with ((1 - t) * Q P d s i + t * Q P' d s i). rewrite EQ. ring. }
  assert (Hskip : forall k a, skip X m T k a - skip X m P k a = t * g k a).
  { intros k a. unfold skip, g. rewrite <- lsum_minus, <- lsum_scal. apply lsum_ext; intros j _.
    rewrite (feature_ext X T P).
    - change (V T j a) with ((1 - t) * V P j a + t * V P' j a). ring.
    - intros i. change (W T j i) with ((1 - t) * W P j i + t * W P' j i). rewrite EW. ring. }
  pose proof (gain_zero_move P T Hgain EUT EQT) as Hdeep.
  assert (Horth : inner X (fun k a => net P k a - target X k a) g = 0)
    by (apply (optimal_orthogonal P (fun j a => V P' j a - V P j a) Hopt)).
  assert (Hsq : loss T <= squared X (fun k a => net P k a + t * g k a)).
  { rewrite !squared_norm. apply pow_incr. split; [apply fnorm_nonneg|].
    replace (fun k a => net T k a - target X k a) with
      (fun k a => (net P k a + t * g k a - target X k a) + (deep X m B T k a - deep X m B P k a)).
    - unfold fnorm. eapply Rle_trans; [apply l2norm_triangle|]. rewrite Hdeep. lra.
    - apply matrix_ext; intros k a. rewrite <- Hskip. unfold parallel. ring. }
  rewrite squared_shift, Horth in Hsq. lra.
Qed.

(** the fused segment of L3 and L4, with V optimal and Lambda = 0: at most D(J)^2 above theta *)
Lemma fused_below l sigma P J ctr cf : moment X sigma -> branch_gain X B P 0 -> admissible m l J ctr cf ->
  optimal_readout P ->
  joined (sublevel (fun P => loss P) (loss P + (deviation X B sigma 0 P J ctr cf)^2)) P (transfer P J ctr cf) /\
  silent (transfer P J ctr cf) J.
Proof.
  intros Hs Hgain Ha Hopt. set (D := deviation X B sigma 0 P J ctr cf). set (P1 := transfer P J ctr cf).
  assert (HD : 0 <= D) by (apply deviation_nonneg; [apply Hs | lra]).
  split; [|intros j Hj; split; intros; now apply hand_off].
  assert (EU : U P1 = U P) by (rewrite <- (lin_1 P P1); apply give_U).
  assert (EQ : Q P1 = Q P) by (rewrite <- (lin_1 P P1); apply give_Q).
  apply joined_line. intros t Ht. unfold sublevel.
  eapply Rle_trans; [apply (optimal_move P P1 t Hgain Hopt); [reflexivity | exact EU | exact EQ]|].
  set (g := fun k c => \sum_(j < m) ((V P1 j c - V P j c) * feature X P k j)).
  assert (Hg : fnorm X g <= D).
  { pose proof (L3_L4_fused X m B sigma 0 l P J ctr cf 1 Hs Hgain Ha Rle_0_1) as H. rewrite lin_1 in H. fold P1 D in H.
    rewrite Rmult_1_l in H. pose proof (gain_zero_move P P1 Hgain EU EQ) as Hdeep.
    replace g with (fun k a => (net P1 k a - net P k a) + - (deep X m B P1 k a - deep X m B P k a)).
    - unfold fnorm in *. eapply Rle_trans; [apply l2norm_triangle|]. rewrite l2norm_opp, Hdeep. lra.
    - apply matrix_ext; intros k a. unfold g, parallel, skip.
      rewrite (lsum_ext (seq 0 m) (fun j => (V P1 j a - V P j a) * feature X P k j)
        (fun j => V P1 j a * feature X P1 k j - V P j a * feature X P k j))
        by (intros j _; rewrite (feature_ext X P1 P) by (intros; reflexivity); ring).
      rewrite lsum_minus. ring. }
  pose proof (fnorm_nonneg X g). assert ((fnorm X g)^2 <= D^2) by (apply pow_incr; lra).
  assert (t^2 <= 1) by nra. pose proof (pow2_ge_0 (fnorm X g)).
  assert (t^2 * (fnorm X g)^2 <= 1 * (fnorm X g)^2) by (apply Rmult_le_compat_r; lra). lra.
Qed.

Theorem C1plus_depth l w v sigma P J ctr cf :
  moment X sigma -> branch_gain X B P 0 -> admissible m l J ctr cf -> optimal_readout P ->
  squared X (two_layer X l w v) < loss P ->
  depth_at_most (fun P => loss P) P ((deviation X B sigma 0 P J ctr cf)^2).
Proof.
  intros Hs Hgain Ha Hopt Hbetter. set (D := deviation X B sigma 0 P J ctr cf). pose proof Ha as [HJ _].
  destruct (fused_below l sigma P J ctr cf Hs Hgain Ha Hopt) as [Hpath Hsilent]. fold D in Hpath.
  set (P1 := transfer P J ctr cf) in *. set (c := loss P + D^2) in *.
  apply (joined_depth _ P (landing w v J P1)); [|now rewrite (landing_function X m B l)].
  apply (joined_trans _ _ P1); [exact Hpath|].
  apply (land X m B l w v (squared X) c J P1 (convex_max_at_ends _ (L7_squared X)) HJ Hsilent).
  - exact (joined_end _ _ _ Hpath).
  - unfold c. pose proof (pow2_ge_0 D). lra.
Qed.

(** C1+ amended: "V optimal" can be dropped *)
Theorem C1plus_every_theta l w v sigma P J ctr cf :
  moment X sigma -> branch_gain X B P 0 -> admissible m l J ctr cf ->
  squared X (two_layer X l w v) < loss P ->
  depth_at_most (fun P => loss P) P ((deviation X B sigma 0 P J ctr cf)^2).
Proof.
  intros Hs Hgain Ha Hbetter. destruct (optimal_or_better P) as [Ho|(v' & Hv)]; [now apply (C1plus_depth l w v)|].
  apply (depth_at_most_mono _ P 0); [apply pow2_ge_0|]. now apply (readout_descent P v' (U P)).
Qed.

(** C1+ at every local minimum *)
Corollary C1plus_local_minimum l w v sigma P J ctr cf :
  moment X sigma -> branch_gain X B P 0 -> admissible m l J ctr cf -> local_minimum (fun P => loss P) P ->
  squared X (two_layer X l w v) < loss P ->
  depth_at_most (fun P => loss P) P ((deviation X B sigma 0 P J ctr cf)^2).
Proof. intros Hs Hgain Ha Hmin. apply (C1plus_depth l w v); auto using local_minimum_optimal. Qed.
End Optimal.
