(** C1+ [ours] (blueprint, section 2): "at a point where V is optimal for the rest and Lambda = 0: depth <= D^2".

    Definitions: [optimal_readout], no other V is better, the rest as it is; [local_minimum], nothing better within
    some eps in every weight; [inner], the mean of f g over points and outputs. A local minimum has an optimal
    readout.
    Statements: C1+. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import perturb transfer readout losses slots.
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

(** a convex parabola with its minimum at 0 has no slope there *)
Lemma no_slope g e : 0 <= e -> (forall s, 0 <= 2 * s * g + s^2 * e) -> g = 0.
Proof.
  intros He H. destruct (Req_dec g 0) as [E|E]; [easy|]. exfalso.
  specialize (H (- g / (e + 1))).
  assert (Hq : 0 < g^2 / (e + 1)) by (apply Rmult_lt_0_compat; [nra | apply Rinv_0_lt_compat; lra]).
  replace (2 * (- g / (e + 1)) * g + (- g / (e + 1))^2 * e) with (- ((g^2 / (e + 1)) * ((e + 2) / (e + 1)))) in H
    by (field; lra).
  assert (0 < (e + 2) / (e + 1)) by (apply Rmult_lt_0_compat; [lra | apply Rinv_0_lt_compat; lra]). nra.
Qed.

(** mean of f g over points and outputs *)
Definition inner (f g : nat -> vector) : R :=
  \sum_(k < points X) (weight X k * \sum_(c < outputs X) (f k c * g k c)).

Lemma squared_shift f g s : squared X (fun k c => f k c + s * g k c)
  = squared X f + 2 * s * inner (fun k c => f k c - target X k c) g + s^2 * (fnorm X g)^2.
Proof.
  unfold squared, inner, fnorm. rewrite l2norm_sq, <- !lsum_scal, <- !lsum_plus. apply lsum_ext; intros k _.
  rewrite (lsum_ext _ (fun c => (f k c + s * g k c - target X k c)^2)
    (fun c => (f k c - target X k c)^2 + (2 * s * ((f k c - target X k c) * g k c) + s^2 * (g k c)^2)))
    by (intros; ring).
  rewrite !lsum_plus, !lsum_scal. ring.
Qed.

(** the residual is orthogonal to whatever a change of V can add *)
Lemma optimal_orthogonal P v : optimal_readout P ->
  inner (fun k c => net P k c - target X k c) (fun k c => \sum_(j < m) (v j c * feature X P k j)) = 0.
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

Theorem C1plus_depth l w v sigma P J ctr cf :
  moment X sigma -> branch_gain X B P 0 -> admissible m l J ctr cf -> optimal_readout P ->
  squared X (two_layer X l w v) < loss P ->
  depth_at_most (fun P => loss P) P ((deviation X B sigma 0 P J ctr cf)^2).
Proof.
  intros Hs Hgain Ha Hopt Hbetter. set (D := deviation X B sigma 0 P J ctr cf).
  pose proof Ha as [HJ _]. pose proof HJ as (HN & _ & HJm).
  assert (HD : 0 <= D) by (apply deviation_nonneg; [apply Hs | lra]).
  set (P1 := transfer P J ctr cf). set (c := loss P + D^2).
  (* along the fused segment f moves inside the span of the features, orthogonally to the residual *)
  assert (Hseg : forall t, 0 <= t <= 1 -> loss (lin t P P1) <= c).
  { intros t Ht.
    set (g := fun k a => \sum_(j < m)
      (((1 - t) * V P j a + t * hand J (single ctr cf) (V P) j a - V P j a) * feature X P k j)).
    assert (Hskip : forall k a, skip X m (lin t P P1) k a - skip X m P k a = g k a).
    { intros k a. unfold skip, g. rewrite <- lsum_minus. apply lsum_ext; intros j _.
      rewrite (feature_ext X (lin t P P1) P) by (intros; unfold P1, transfer, give; entries; ring).
      change (V (lin t P P1) j a) with ((1 - t) * V P j a + t * hand J (single ctr cf) (V P) j a). ring. }
    assert (Hdeep : l2norm X (outputs X) (fun k a => deep X m B (lin t P P1) k a - deep X m B P k a) = 0)
      by (apply (gain_zero_move P (lin t P P1) Hgain); [apply give_U | apply give_Q]).
    assert (Horth : inner (fun k a => net P k a - target X k a) g = 0) by (unfold g; now apply optimal_orthogonal).
    assert (Hsq : loss (lin t P P1) <= squared X (fun k a => net P k a + 1 * g k a)).
    { rewrite !squared_norm. apply pow_incr. split; [apply fnorm_nonneg|].
      replace (fun k a => net (lin t P P1) k a - target X k a) with
        (fun k a => (net P k a + 1 * g k a - target X k a) + (deep X m B (lin t P P1) k a - deep X m B P k a)).
      - unfold fnorm. eapply Rle_trans; [apply l2norm_triangle|]. rewrite Hdeep. lra.
      - apply matrix_ext; intros k a. rewrite <- Hskip. unfold parallel. ring. }
    rewrite squared_shift, Horth in Hsq.
    assert (Hg : fnorm X g <= D).
    { pose proof (L3_L4_fused X m B sigma 0 l P J ctr cf t Hs Hgain Ha (proj1 Ht)) as H. fold P1 D in H.
      replace g with (fun k a => (net (lin t P P1) k a - net P k a) + - (deep X m B (lin t P P1) k a - deep X m B P k a))
        by (apply matrix_ext; intros k a; rewrite <- Hskip; unfold parallel; ring).
      unfold fnorm in *. eapply Rle_trans; [apply l2norm_triangle|]. rewrite l2norm_opp, Hdeep. nra. }
    pose proof (fnorm_nonneg X g) as Hg0. unfold c. nra. }
  assert (Hsilent : silent P1 J) by (intros j Hj; split; intros; now apply hand_off).
  apply (joined_depth _ P (landing w v J P1)); [|now rewrite (landing_function X m B l)].
  apply (joined_trans _ _ P1); [now apply joined_line|].
  apply (land X m B l w v (squared X) c J P1 (convex_max_at_ends _ (L7_squared X)) HJ Hsilent).
  - unfold loss_of. rewrite <- (lin_1 P P1). apply Hseg. lra.
  - unfold c. pose proof (pow2_ge_0 D). lra.
Qed.
(** C1+ at every local minimum *)
Corollary C1plus_local_minimum l w v sigma P J ctr cf :
  moment X sigma -> branch_gain X B P 0 -> admissible m l J ctr cf -> local_minimum (fun P => loss P) P ->
  squared X (two_layer X l w v) < loss P ->
  depth_at_most (fun P => loss P) P ((deviation X B sigma 0 P J ctr cf)^2).
Proof. intros Hs Hgain Ha Hmin. apply (C1plus_depth l w v); auto using local_minimum_optimal. Qed.
End Optimal.
