(** Known answers 17 to 32 of blueprint-2 and blueprint-3, on the definitions of this folder, with their numbers as
    literals; and that the hypotheses of T7, C7, R9, T7F and T10 can be met, with a live branch too.

    Definitions: [row_pair], [row_triple], matrices of two and three rows; case 20: [small_data], three points; cases
    21 and 24: [line_point], x = 1, y = 2, and [line_theta], w = 1, V = v; case 22: [two_points], features (1, 1) and
    (0, 1); case 29: [kink_data], (1, 0), (0, 1), (1, 1); case 32: [tilted], theta of T8b with rows tilted by t and a
    branch unit that reads z_1 - z_2; [live_theta], a network whose branch is read.
    Statements: none of the ledger's; cases 17, 18, 19, 20, 21, 22, 23, 24, 29, 30, 31, 32 of the blueprint. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks deep homogeneous.
From Skipscape.lemmas Require Import readout losses slots smooth draw curvature.
From Skipscape.routes Require Import route refit.
From Skipscape.theorems Require Import connectivity optimal one_slot emptying leave_out regularised
  one_slot_regularised positivity
  singles_and_pairs clusters parabola.
From Skipscape.examples Require Import valley known_answers satisfiable.
Import ListNotations.
Open Scope R_scope.

Definition row_pair (a b c d : R) : matrix := fun j i =>
  match j, i with O, O => a | O, _ => b | _, O => c | _, _ => d end.

(** ** Case 17: C7 attained, all three numbers; T8b with m = 1: e_1 with target 1, e_2 with target -2, weights 1/2 *)
Example case17_attained (Hom : 0 < 1 / 2) (Hq : 0 <= 1 / 2) : let X := pair_data 1 (1 / 2) (1 / 2) 2 Hom Hq in let F
  := fun P => squared X (parallel X 1 no_branch P) in
  F (pair_theta 1) = 2 /\ moment X (sqrt (1 / 2)) /\ mass X 1 no_branch 0 (pair_theta 1) = 1 /\
  (sqrt (1 / 2) * 1 / INR 1)^2 = 1 / 2 /\ depth_at_most F (pair_theta 1) (1 / 2) /\ depth_at_least F (pair_theta 1) (1
    / 2).
Proof.
  intros X F.
  destruct (T8b_exact_depth 1 (1 / 2) (1 / 2) 2 ltac:(lia) Hom Hq ltac:(lra) ltac:(lra)) as (H1 & _ & H2 & H3).
  split; [unfold F, X; rewrite H1; lra|]. split; [|split; [|split; [|split; [exact H2 | exact H3]]]].
  - split; [apply sqrt_pos|]. intros v. rewrite pow2_sqrt by lra.
    unfold dot, X, pair_data, pair_weight, kronecker; cbn. lra.
  - unfold mass, neuron_mass, enorm, wnorm, pair_theta, pair_rows; entries; cbn.
    rewrite (sqrt_is _ 1), (sqrt_is _ 1) by lra. ring.
  - cbn [INR]. replace (sqrt (1 / 2) * 1 / 1) with (sqrt (1 / 2)) by field. apply pow2_sqrt. lra.
Qed.

(** "threshold (ii) 2 > 3/2 holds, (i) 2 > 3 fails": K = sigma S* with S* = 3, and C7 gives the same 1/2 *)
Example case17_thresholds (Hom : 0 < 1 / 2) (Hq : 0 <= 1 / 2) : let X := pair_data 1 (1 / 2) (1 / 2) 2 Hom Hq in let w
  := row_pair 1 0 0 1 in
  let v := fun j _ : nat => match j with O => 1 | _ => -2 end in
  squared X (two_layer X 2 w v) = 0 /\ two_layer_mass X 2 w v = 3 /\
  sqrt (1 / 2) * 3 * sqrt (1 / 2) = 3 / 2 /\ 3 / 2 < 2 - sqrt (2 * 0) /\ ~ 0 + 2 * (3 / 2) < 2.
Proof.
  intros X w v. split; [|split; [|split; [|split]]].
  - unfold squared, two_layer, dot, X, pair_data, pair_weight, kronecker, w, v; cbn. relus. lra.
  - unfold two_layer_mass, enorm, wnorm, w, v; cbn. rewrite (sqrt_is (1 * (1 * (1 * 1)) + _) 1),
      (sqrt_is (1 * (0 * (0 * 1)) + _) 1) by lra.
    rewrite (sqrt_is _ 1), (sqrt_is _ 2) by lra. ring.
  - replace (sqrt (1 / 2) * 3 * sqrt (1 / 2)) with (3 * (sqrt (1 / 2))^2) by ring. rewrite pow2_sqrt; lra.
  - rewrite Rmult_0_r, sqrt_0. lra.
  - lra.
Qed.

(** ** Case 18: T8b with equal weights 1/N, N = 2m + m(m-1)/2 + 1, b = 2: depth 2/N, for every m; 1/3 and 1/5 *)
Example case18_every_m m N (Hom : 0 < 2 / N) (Hq : 0 <= 1 / N) : (1 <= m)%nat ->
  N = 2 * INR m + INR m * (INR m - 1) / 2 + 1 ->
  let X := pair_data m (2 / N) (1 / N) 2 Hom Hq in let F := fun P => squared X (parallel X m no_branch P) in
  F (pair_theta m) = 4 / N /\ depth_at_most F (pair_theta m) (2 / N) /\ depth_at_least F (pair_theta m) (2 / N).
Proof.
  intros Hm HN X F.
  assert (Hlarge : 2 / N < 1 / N * 2^2) by (unfold Rdiv in *; lra).
  destruct (T8b_exact_depth m (2 / N) (1 / N) 2 Hm Hom Hq ltac:(lra) Hlarge) as (H2 & _ & H3 & H4).
  split; [unfold F, X; rewrite H2; unfold Rdiv; ring | now split].
Qed.

Example case18_two (Hom : 0 < 1 / 3) (Hq : 0 <= 1 / 6) : let X := pair_data 2 (1 / 3) (1 / 6) 2 Hom Hq in let F := fun
  P => squared X (parallel X 2 no_branch P) in
  F (pair_theta 2) = 2 / 3 /\ depth_at_most F (pair_theta 2) (1 / 3) /\ depth_at_least F (pair_theta 2) (1 / 3).
Proof.
  destruct (T8b_exact_depth 2 (1 / 3) (1 / 6) 2 ltac:(lia) Hom Hq ltac:(lra) ltac:(lra)) as (H2 & _ & H3 & H4).
  split; [rewrite H2; lra | now split].
Qed.

Example case18_three (Hom : 0 < 1 / 5) (Hq : 0 <= 1 / 10) : let X := pair_data 3 (1 / 5) (1 / 10) 2 Hom Hq in let F :=
  fun P => squared X (parallel X 3 no_branch P) in
  F (pair_theta 3) = 2 / 5 /\ depth_at_most F (pair_theta 3) (1 / 5) /\ depth_at_least F (pair_theta 3) (1 / 5).
Proof.
  destruct (T8b_exact_depth 3 (1 / 5) (1 / 10) 2 ltac:(lia) Hom Hq ltac:(lra) ltac:(lra)) as (H2 & _ & H3 & H4).
  split; [rewrite H2; lra | now split].
Qed.

(** ** Case 19: T8b's inequality off the coordinate axes: m = 2, one neuron (t, t) for both, om (2(1-t)^2 + 2t^2) *)
Example case19_shared om q b t (Hom : 0 < om) (Hq : 0 <= q) : 0 <= t -> let X := pair_data 2 om q b Hom Hq in
  squared X (two_layer X 1 (fun _ i => match i with 2%nat => 0 | _ => t end) (fun _ _ => 1))
    = om * (2 * (1 - t)^2 + 2 * t^2) + q * b^2 /\
  om <= om * (2 * (1 - t)^2 + 2 * t^2) /\ om * (2 * (1 - 1 / 2)^2 + 2 * (1 / 2)^2) = om.
Proof.
  intros Ht X. split; [|split].
  - unfold X. rewrite pair_loss by (lia || lra). cbn [seq lsum Nat.eqb].
    unfold two_layer, dot, kronecker, pair; cbn. relus. field.
  - pose proof (pow2_ge_0 (2 * t - 1)). nra.
  - field.
Qed.

(** ** Case 20: T8c, D = 1, m = 2: x = 1, -1 with y = 1 and e_2 with y = -2, weights 1/3: depth 1/3, by C7 and T8a *)
Lemma third_nonneg (k : nat) : 0 <= 1 / 3.
Proof. lra. Qed.
Definition small_data : data := Data 3 2 1
  (fun k i => match k, i with O, O => 1 | 1%nat, O => -1 | 2%nat, 1%nat => 1 | _, _ => 0 end)
  (fun k _ => match k with 2%nat => -2 | _ => 1 end) (fun _ => 1 / 3) third_nonneg.
Definition row_triple (x : R) : matrix := fun j i =>
  match j, i with O, O => 1 | 1%nat, O => -1 | 2%nat, 1%nat => x | _, _ => 0 end.

Lemma small_loss f : squared small_data f = ((f O O - 1)^2 + (f 1%nat O - 1)^2 + (f 2%nat O + 2)^2) / 3.
Proof. unfold squared; cbn. field. Qed.

Example case20_depth : let P := make (row_triple 0) (fun _ _ => 1) zero_matrix zero_matrix (fun _ => zero_matrix) in
  let F := fun P => squared small_data (parallel small_data 2 no_branch P) in
  F P = 4 / 3 /\ depth_at_most F P (1 / 3) /\ depth_at_least F P (1 / 3).
Proof.
  intros P F.
  assert (Hout : forall T k, parallel small_data 2 no_branch T k O
    = V T O O * relu (dot small_data (W T O) (input small_data k))
      + V T 1%nat O * relu (dot small_data (W T 1%nat) (input small_data k))).
  { intros T k. unfold parallel, skip, deep, feature. cbn. ring. }
  assert (HP : F P = 4 / 3).
  { unfold F. rewrite small_loss, !Hout. unfold dot, P, row_triple; entries; cbn. relus. lra. }
  split; [exact HP|]. split.
  - set (w := row_triple 1). set (v := fun j _ : nat => match j with 2%nat => -2 | _ => 1 end).
    assert (Hn : forall c w v i, 0 <= c -> (fnorm small_data (unit_effect small_data w v i))^2 = c^2 * (1 / 3) ->
      fnorm small_data (unit_effect small_data w v i) = c * sqrt (1 / 3)).
    { intros c w' v' i Hc H. rewrite <- (sqrt_pow2 (fnorm small_data _)) by apply fnorm_nonneg.
      rewrite H, sqrt_mult_alt by apply pow2_ge_0. now rewrite sqrt_pow2. }
    assert (Eh : fnorm small_data (unit_effect small_data (W P) (V P) O) = sqrt (1 / 3)).
    { rewrite (Hn 1); [ring | lra|]. unfold fnorm. rewrite l2norm_sq.
      unfold unit_effect, dot, P, row_triple; entries; cbn. relus. field. }
    assert (Ev : variance small_data 3 w v = (4 * sqrt (1 / 3))^2 - 2).
    { unfold variance, effect_mass. f_equal.
      - cbn [seq lsum]. rewrite (Hn 1 w v 0%nat), (Hn 1 w v 1%nat), (Hn 2 w v 2%nat); [ring | | | | | |]; try lra;
          unfold fnorm; rewrite l2norm_sq; unfold unit_effect, dot, w, v, row_triple; cbn; relus; field.
      - unfold fnorm. rewrite l2norm_sq. unfold two_layer, dot, w, v, row_triple; cbn. relus. field. }
    assert (E3 : (sqrt (1 / 3))^2 = 1 / 3) by (apply pow2_sqrt; lra).
    rewrite <- E3 at 1. rewrite <- Eh.
    apply (C7_effect small_data 2 no_branch 3 w v P O (11 / 6)).
    + apply no_branch_gain.
    + lia.
    + rewrite Ev, Rpow_mult_distr, E3. lra.
    + lra.
    + rewrite Eh. fold (F P). rewrite HP. replace (squared small_data (two_layer small_data 3 w v)) with 0.
      * rewrite Rmult_0_r, sqrt_0. assert (sqrt (1 / 3) <= 3 / 5) by (rewrite <- (sqrt_pow2 (3 / 5)) by lra;
          apply sqrt_le_1_alt; lra). lra.
      * rewrite small_loss. unfold two_layer, dot, w, v, row_triple; cbn. relus. lra.
  - replace (1 / 3) with (5 / 3 - F P) by (rewrite HP; field). apply (T8a_positivity 2 F P (5 / 3)).
    + intros j _. change (0 < 1). lra.
    + intros T HT. rewrite HP. unfold F. rewrite small_loss.
      assert (0 <= parallel small_data 2 no_branch T 2%nat O).
      { rewrite Hout. pose proof (HT O ltac:(lia)). pose proof (HT 1%nat ltac:(lia)).
        apply Rplus_le_le_0_compat; apply Rmult_le_pos; try easy; apply relu_nonneg. }
      pose proof (pow2_ge_0 (parallel small_data 2 no_branch T O O - 1)).
      pose proof (pow2_ge_0 (parallel small_data 2 no_branch T 1%nat O - 1)). nra.
    + (* one neuron left: it sees 1 or -1, not both *)
      intros T j Hj E HT. unfold F. rewrite small_loss.
      assert (H2 : 0 <= parallel small_data 2 no_branch T 2%nat O).
      { rewrite Hout. pose proof (HT O ltac:(lia)). pose proof (HT 1%nat ltac:(lia)).
        apply Rplus_le_le_0_compat; apply Rmult_le_pos; try easy; apply relu_nonneg. }
      assert (Hone : parallel small_data 2 no_branch T O O = 0 \/ parallel small_data 2 no_branch T 1%nat O = 0).
      { rewrite !Hout. set (i := (1 - j)%nat). assert (Hij : (j = O /\ i = 1%nat) \/ (j = 1%nat /\ i = O)) by lia.
        assert (Ed : forall n k, dot small_data (W T n) (input small_data k)
          = match k with O => W T n O | 1%nat => - W T n O
          | 2%nat => W T n 1%nat | _ => 0 end).
        { intros n k. unfold dot; cbn. destruct k as [|[|[|k]]]; cbn; ring. }
        rewrite !Ed. destruct Hij as [[-> Ei]|[-> Ei]]; rewrite E.
        - destruct (Rle_dec (W T 1%nat O) 0); [left; rewrite (relu_neg (W T 1%nat O)) by easy | right;
            rewrite (relu_neg (- W T 1%nat O)) by lra]; ring.
        - destruct (Rle_dec (W T O O) 0); [left; rewrite (relu_neg (W T O O)) by easy | right;
            rewrite (relu_neg (- W T O O)) by lra]; ring. }
      pose proof (pow2_ge_0 (parallel small_data 2 no_branch T O O - 1)).
      pose proof (pow2_ge_0 (parallel small_data 2 no_branch T 1%nat O - 1)).
      destruct Hone as [Hz|Hz]; rewrite Hz in *; nra.
Qed.

(** ** Case 21: one reference neuron: v* = 0, and T7's value is the loss of the step, 4 (1 - e)^2 *)
Definition line_point : data := Data 1 1 1 (fun _ _ => 1) (fun _ _ => 2) (fun _ => 1) (fun _ => Rle_0_1).
Definition line_theta (v : R) : param := make (fun _ _ => 1) (fun _ _ => v) zero_matrix zero_matrix (fun _ =>
  zero_matrix).

Example case21_no_variance : let g := two_layer line_point 1 (fun _ _ => 1) (fun _ _ => 2) in
  variance line_point 1 (fun _ _ => 1) (fun _ _ => 2) = 0 /\
  forall e, squared line_point (fun k c => (1 - e) * 0 + e * g k c) = 4 * (1 - e)^2.
Proof.
  assert (R1 : relu (1 * 1 + 0) = 1) by (rewrite relu_pos; lra).
  split.
  - unfold variance, effect_mass; cbn [seq lsum]. rewrite Rplus_0_r.
    replace (two_layer line_point 1 (fun _ _ => 1) (fun _ _ => 2)) with (unit_effect line_point (fun _ _ => 1) (fun _
      _ => 2) 0); [ring|].
    apply matrix_ext; intros k c. unfold two_layer, unit_effect. cbn [seq lsum]. ring.
  - intros e. unfold squared, two_layer, dot; cbn. rewrite R1. ring.
Qed.

(** ** Case 22: R9's costs V_1^2/2 and V_2^2/4, against ||h||^2 = V_1^2 and V_2^2/2 *)
Definition two_points : data := Data 2 2 1 (fun k i => match k, i with O, 1%nat => 0 | _, _ => 1 end) (fun _ _ => 0)
  (fun _ => 1 / 2) half_nonneg.

Example case22_refit v1 v2 : let P := make (row_pair 1 0 0 1) (fun j _ => match j with O => v1 | _ => v2 end)
    zero_matrix zero_matrix (fun _ => zero_matrix) in
  let x1 := fun i : nat => match i with O => 2 | _ => -2 end in let x2 := fun i : nat => match i with O => -2 | _ => 4
    end in
  column two_points 2 P x1 0 /\ column two_points 2 P x2 1 /\
  (fnorm two_points (unit_effect two_points (W P) (V P) 0))^2 = v1^2 /\
  (fnorm two_points (unit_effect two_points (W P) (V P) 1))^2 = v2^2 / 2 /\
  (enorm 1 (V P 0%nat))^2 / x1 0%nat = v1^2 / 2 /\ (enorm 1 (V P 1%nat))^2 / x2 1%nat = v2^2 / 4.
Proof.
  intros P x1 x2. rewrite !enorm_sq. unfold fnorm. rewrite !l2norm_sq.
  assert (Hcol : forall x j, (\sum_(k < 2) (gram two_points P 0%nat k * x k) = if Nat.eqb 0 j then 1 else 0) ->
    (\sum_(k < 2) (gram two_points P 1%nat k * x k) = if Nat.eqb 1 j then 1 else 0) -> column two_points 2 P x j).
  { intros x j H0 H1 i Hi. destruct i as [|[|i]]; [exact H0 | exact H1 | lia]. }
  split; [|split; [|split; [|split; [|split]]]].
  - apply Hcol; unfold gram, feature, dot, P, row_pair, x1; entries; cbn; relus; lra.
  - apply Hcol; unfold gram, feature, dot, P, row_pair, x2; entries; cbn; relus; lra.
  - unfold unit_effect, dot, P, row_pair; entries; cbn. relus. field.
  - unfold unit_effect, dot, P, row_pair; entries; cbn. relus. field.
  - unfold P, x1; entries; cbn. field.
  - unfold P, x2; entries; cbn. field.
Qed.

(** "Both at once: V_1^2 + V_1 V_2 + V_2^2/2": what emptying both slots costs at an optimal V *)
Example case22_both v1 v2 : let P := make (row_pair 1 0 0 1) (fun j _ => match j with O => v1 | _ => v2 end)
    zero_matrix zero_matrix (fun _ => zero_matrix) in
  (fnorm two_points (skip two_points 2 P))^2 = v1^2 + v1 * v2 + v2^2 / 2.
Proof.
  intros P. unfold fnorm. rewrite l2norm_sq. unfold skip, feature, dot, P, row_pair; entries; cbn. relus. field.
Qed.

(** ** Case 23: for cross-entropy beta = 1/4 (logistic's) is refused with two classes, 1/2 serves *)
Example case23_beta (X : data) y : outputs X = 2%nat ->
  ~ smooth_output X (1 / 4) (cross_entropy X y) /\ smooth_output X (1 / 2) (cross_entropy X y).
Proof. intros Hp. split; [apply T7L_cross_entropy_sharp; [easy | lra] | apply T7L_cross_entropy; lia]. Qed.

(** ** Case 24: T7F, x = 1, y = 2, m = 1, kappa = 1: V w = 3/2 has F = 7/4, slope 0 and removal costs 9/4;
  V w = 1: slope -1 *)
Example case24_regularised :
  two_layer_F line_point 1 1 (line_theta (3 / 2)) = 7 / 4 /\ slope line_point 1 1 (line_theta (3 / 2)) 0 = 0 /\
  two_layer_F line_point 1 1 (scaled (line_theta (3 / 2)) 0 1) - 7 / 4 = 9 / 4 /\
  (fnorm line_point (unit_effect line_point (W (line_theta (3 / 2))) (V (line_theta (3 / 2))) 0))^2 = 9 / 4 /\
  slope line_point 1 1 (line_theta 1) 0 = -1 /\ depth_at_most (two_layer_F line_point 1 1) (line_theta 1) 0.
Proof.
  assert (R1 : relu (1 * 1 + 0) = 1) by (rewrite relu_pos; lra).
  assert (S : forall v, 0 <= v -> sqrt (1 * (v * (v * 1)) + 0) = v) by (intros v Hv; apply sqrt_is; [easy | ring]).
  assert (HF : forall v, 0 <= v -> two_layer_F line_point 1 1 (line_theta v) = (v - 2)^2 + v).
  { intros v Hv. unfold two_layer_F, squared, skip, feature, dot, enorm, wnorm, line_theta; entries; cbn.
    rewrite R1, (S v Hv), (S 1) by lra. ring. }
  assert (Hs : forall v, 0 <= v -> slope line_point 1 1 (line_theta v) 0 = 2 * (v - 2) * v + v).
  { intros v Hv. unfold slope, inner, unit_effect, skip, feature, dot, enorm, wnorm, line_theta; entries; cbn.
    rewrite R1, (S v Hv), (S 1) by lra. ring. }
  assert (Hh : forall v, (fnorm line_point (unit_effect line_point (W (line_theta v)) (V (line_theta v)) 0))^2 = v^2).
  { intros v. unfold fnorm. rewrite l2norm_sq. unfold unit_effect, dot, line_theta; entries; cbn. rewrite R1. ring. }
  split; [rewrite HF; lra|]. split; [rewrite Hs; lra|]. split; [|split; [rewrite Hh; lra | split; [rewrite Hs; lra|]]].
  - rewrite scaled_F by (lia || lra). rewrite HF, Hs, Hh by lra. lra.
  - destruct (T7F_scale_or_exact line_point 1 1 (line_theta 1) 0 ltac:(lia)) as [H|H]; [exact H|]. exfalso.
    specialize (H (-1) ltac:(lra)). rewrite scaled_F in H by (lia || lra). rewrite HF, Hs, Hh in H by lra. lra.
Qed.

(** ** Case 29: kinks block one slot: absolute loss, no single neuron is better than the empty one, three fit exactly *)
Definition kink_data : data := Data 3 2 1 (fun k i => match k, i with O, 1%nat => 0 | 1%nat, O => 0 | _, _ => 1 end)
  (fun k _ => match k with 2%nat => 1 | _ => 0 end) (fun _ => 1 / 3) third_nonneg.

Example case29_kinks : let F := fun P => mean_loss kink_data (absolute kink_data) (parallel kink_data 1 no_branch P) in
  let P := make zero_matrix zero_matrix zero_matrix zero_matrix (fun _ => zero_matrix) in
  F P = 1 / 3 /\ (forall T, F P <= F T) /\ (forall d, depth_at_least F P d) /\
  mean_loss kink_data (absolute kink_data) (two_layer kink_data 3 (fun j i => match j, i with O, _ => 1 | 1%nat,
    O => 1 | 2%nat, 1%nat => 1 | _, _ => -1 end)
    (fun j _ => match j with O => 1 / 2 | _ => - (1 / 2) end)) = 0.
Proof.
  intros F P.
  assert (Habs : forall a, sqrt (1 * (a * (a * 1)) + 0) = Rabs a).
  { intros a. rewrite <- sqrt_Rsqr_abs. f_equal. unfold Rsqr. ring. }
  assert (Hmean : forall f, mean_loss kink_data (absolute kink_data) f
    = (Rabs (f O O - 0) + Rabs (f 1%nat O - 0) + Rabs (f 2%nat O - 1)) / 3).
  { intros f. unfold mean_loss, absolute, enorm, wnorm. cbn [points outputs weight target kink_data seq lsum].
    rewrite !Habs || (cbn; rewrite !Habs). field. }
  assert (HF : forall T, F T = (Rabs (parallel kink_data 1 no_branch T O O - 0)
    + Rabs (parallel kink_data 1 no_branch T 1%nat O - 0)
    + Rabs (parallel kink_data 1 no_branch T 2%nat O - 1)) / 3) by (intros T; apply Hmean).
  assert (Hout : forall T k, parallel kink_data 1 no_branch T k O
    = V T O O * relu (dot kink_data (W T O) (input kink_data k))).
  { intros T k. unfold parallel, skip, deep, feature. cbn. ring. }
  assert (Ed : forall T, dot kink_data (W T O) (input kink_data O)
    = W T O O /\ dot kink_data (W T O) (input kink_data 1) = W T O 1%nat /\
    dot kink_data (W T O) (input kink_data 2) = W T O O + W T O 1%nat) by (intros T; unfold dot; cbn; repeat split;
      ring).
  assert (HP : F P = 1 / 3).
  { rewrite HF, !Hout. unfold P; entries. unfold zero_matrix.
    rewrite !Rmult_0_l, Rminus_0_r, Rminus_0_l, Rabs_R0, Rabs_Ropp, Rabs_R1. field. }
  assert (Hbest : forall T, F P <= F T).
  { intros T. rewrite HP, HF, !Hout. destruct (Ed T) as (-> & -> & ->). set (v := V T O O). set (a := W T O O).
    set (b := W T O 1%nat).
    assert (H : 1 <= Rabs (v * relu a - 0) + Rabs (v * relu b - 0) + Rabs (v * relu (a + b) - 1)); [|lra].
    pose proof (relu_nonneg a). pose proof (relu_nonneg b). pose proof (relu_nonneg (a + b)).
    assert (Hsub : relu (a + b) <= relu a + relu b) by (unfold relu; relu_cases; lra).
    pose proof (Rabs_pos (v * relu a - 0)). pose proof (Rabs_pos (v * relu b - 0)).
    pose proof (Rle_abs (v * relu a - 0)). pose proof (Rle_abs (v * relu b - 0)).
    pose proof (Rle_abs (- (v * relu (a + b) - 1))) as Hneg. rewrite Rabs_Ropp in Hneg.
    destruct (Rle_dec 0 v) as [Hv|Hv].
    - pose proof (Rmult_le_compat_l v _ _ Hv Hsub). lra.
    - assert (0 <= - v * relu (a + b)) by (apply Rmult_le_pos; lra). lra. }
  split; [exact HP|]. split; [exact Hbest|]. split.
  - intros d gam _ g0 Hend. exfalso. pose proof (Hbest (gam 1)). lra.
  - rewrite Hmean. set (w := fun j i : nat => _). set (v := fun j _ : nat => _).
    assert (E : two_layer kink_data 3 w v O O = 0 /\ two_layer kink_data 3 w v 1 O
      = 0 /\ two_layer kink_data 3 w v 2 O = 1).
    { unfold two_layer, dot, w, v; cbn. relus. repeat split; lra. }
    destruct E as (-> & -> & ->). replace (0 - 0) with 0 by ring. replace (1 - 1) with 0 by ring. rewrite Rabs_R0.
    field.
Qed.

(** ** Case 30: T10P, m = 2: depth exactly 3/200; row 0 at sigma = 1/50, and the loss 1 - 189/(1250 m) at the end *)
Example case30_parabola a q : let X := parabola 2 1 in let F := fun P => squared X (parallel X 2 no_branch P) in
  F (parabola_theta a q) = 1 /\ depth_at_most F (parabola_theta a q) (3 / 200) /\ depth_at_least F (parabola_theta a
    q) (3 / 200).
Proof.
  intros X F. assert (Hray : ray no_branch).
  { intros q' c b _. apply functional_extensionality; intros i. cbn. ring. }
  destruct (T10P_exact_depth 2 1 ltac:(lia) no_branch a q eq_refl ltac:(lia) Hray) as (H1 & _ & H2 & H3).
  replace (3 / (100 * INR 2)) with (3 / 200) in H2, H3 by (cbn [INR]; field). now split.
Qed.

Example case30_row : moved (1 / 50) 0 0%nat = 28 / 25 /\ moved (1 / 50) 0 1%nat
  = - (16 / 5) /\ moved (1 / 50) 0 2%nat = 51 / 50 /\
  dot (parabola 2 1) (moved (1 / 50) 0) (spot 7) = 0.
Proof.
  unfold dot, moved, parabola_row, push, spot, place, sign_s, sign_t; cbn. repeat split; lra.
Qed.

Example case30_end m a q : (2 <= m)%nat -> squared (parabola m 1) (parallel (parabola m 1) m no_branch (trial (7 /
  250) a q))
  = 1 - 189 / (1250 * INR m).
Proof.
  intros Hm. rewrite trial_loss by (easy || lia || lra). rewrite relu_pos by lra. field. apply not_0_INR. lia.
Qed.

(** ** Case 31: T10's prices for neuron 0, times m: 1/12, 3/4, and 3/100 at (7/8, 5/8) *)
Example case31_prices : let X := parabola 1 1 in let price := fun k => (dot X (parabola_row 0) (spot k))^2 / dot X
  (parabola_dual 1 0 k) (spot k) in
  price 0%nat = 1 / 12 /\ price 1%nat = 3 / 4 /\ price 2%nat = 1 / 12 /\ price 3%nat = 3 / 4 /\ price 7%nat = 3 / 100.
Proof.
  unfold dot, parabola_row, parabola_dual, spot, place, sign_s, sign_t; cbn. repeat split; field.
Qed.

(** ** Case 32: one branch unit, q = ReLU of z_1 - z_2, removes T8b's valley (m = 2, om = q = 1, b = 3) *)
Definition tilted (t u : R) : param := make
  (fun j i => match j, i with O, O => 1 | O, 1%nat => -1 | 1%nat, O => -1 | 1%nat, 1%nat => 1 | _, 2%nat => t | _,
    _ => 0 end)
  (fun j _ => match j with O => 1 - u | _ => 1 end) (fun j _ => match j with O => 1 | _ => -1 end)
  (fun _ _ => u) (fun _ _ _ => 1).

Example case32_branch (Hom : 0 < 1) (Hq : 0 <= 1) : let X := pair_data 2 1 1 3 Hom Hq in
  let F := fun P => squared X (parallel X 2 (bias_free_relu 1 [1%nat]) P) in
  F (tilted 0 0) = 9 /\ F (tilted (1 / 1000) 0) = 9012004 / 1000000 /\ F (tilted (1 / 1000) 3002) = 0.
Proof.
  intros X F. unfold F, X. rewrite !pair_loss by (lia || lra). cbn [seq lsum Nat.eqb].
  unfold parallel, skip, deep, reading, feature, dot, bias_free_relu, tilted, kronecker, pair; entries; cbn.
  split; [|split]; relus; lra.
Qed.

(** * The hypotheses can be met *)

(** [C7_live], [C7_mixed], [C7_route]: a branch that is read, a reference that is better *)
Definition live_theta : param := make (fun _ _ => 1) (fun _ _ => 1 / 2) (fun _ _ => 1) (fun _ _ => 1 / 2)
  (fun _ _ i => match i with O => 1 | _ => 0 end).
Theorem C7_live_hypotheses : let B := deep_relu 1 [1%nat] in let w := fun _ _ : nat => 1 in let v := fun _ _ : nat =>
  2 in
  squared line_point (parallel line_point 1 B live_theta) = 1 /\ U live_theta 0%nat 0%nat = 1 / 2 /\
  exists sigma lam, moment line_point sigma /\ branch_gain line_point B live_theta lam /\
    variance line_point 1 w v <= 0^2 /\ 0 * sqrt (rise 1 (sigma * mass line_point 1 B lam live_theta / INR 1))
      < 1 - sqrt (1 * squared line_point (two_layer line_point 1 w v)).
Proof.
  intros B w v. split; [|split; [reflexivity|]].
  - unfold squared, parallel, skip, deep, reading, feature, dot, B, live_theta; entries; cbn. unfold layer; cbn.
    relus. field.
  - exists 1, (frobenius (outputs line_point) (last [1%nat] 1%nat) (U live_theta) * forward_lip 1 [1%nat] (Q
      live_theta)).
    split; [|split; [apply deep_relu_gain | split]].
    + split; [lra|]. intros u. unfold dot; cbn. lra.
    + destruct case21_no_variance as [H _]. unfold w, v. rewrite H. lra.
    + replace (squared line_point (two_layer line_point 1 w v)) with 0; [rewrite Rmult_0_r, sqrt_0; lra|].
      unfold squared, two_layer, dot, w, v; cbn. relus. field.
Qed.

(** [T7F_effect]: case 17's data with target -10 at the second point, kappa = 1 *)
Theorem T7F_hypotheses (Hom : 0 < 1 / 2) (Hq : 0 <= 1 / 2) : let X := pair_data 1 (1 / 2) (1 / 2) 10 Hom Hq in
  let w := row_pair 1 0 0 1 in let v := fun j _ : nat => match j with O => 1 | _ => -10 end in
  moment X (sqrt (1 / 2)) /\ two_layer_objective X 1 2 w v = 11 /\ two_layer_mass X 2 w v = 11 /\
  fnorm X (unit_effect X (W (pair_theta 1)) (V (pair_theta 1)) 0) = sqrt (1 / 2) /\ two_layer_F X 1 1 (pair_theta 1)
    = 51 /\
  11 + 2 * (sqrt (1 / 2) * 11) * sqrt (1 / 2) < 51.
Proof.
  intros X w v. assert (E2 : (sqrt (1 / 2))^2 = 1 / 2) by (apply pow2_sqrt; lra).
  assert (Hmass : two_layer_mass X 2 w v = 11).
  { unfold two_layer_mass, enorm, wnorm, w, v; cbn.
    rewrite (sqrt_is (1 * (1 * (1 * 1)) + _) 1), (sqrt_is (1 * (0 * (0 * 1)) + _) 1) by lra.
    rewrite (sqrt_is _ 1), (sqrt_is _ 10) by lra. ring. }
  split; [|split; [|split; [exact Hmass | split; [|split]]]].
  - split; [apply sqrt_pos|]. intros u. rewrite E2. unfold dot, X, pair_data, pair_weight, kronecker; cbn. lra.
  - unfold two_layer_objective. rewrite Hmass.
    replace (squared X (two_layer X 2 w v)) with 0; [ring|].
    unfold squared, two_layer, dot, X, pair_data, pair_weight, kronecker, w, v; cbn. relus. lra.
  - pose proof (effect_om 1 (1 / 2) (1 / 2) 10) as H.
    rewrite <- (sqrt_pow2 (fnorm X _)) by apply fnorm_nonneg. f_equal. apply H; lia.
  - unfold two_layer_F. assert (E : skip X 1 (pair_theta 1) = parallel X 1 no_branch (pair_theta 1))
      by (rewrite parallel_off; easy).
    rewrite E. unfold X. rewrite (theta_loss 1 (1 / 2) (1 / 2) 10) by (lia || lra).
    unfold enorm, wnorm, pair_theta, pair_rows; entries; cbn. rewrite (sqrt_is _ 1), (sqrt_is _ 1) by lra. lra.
  - replace (2 * (sqrt (1 / 2) * 11) * sqrt (1 / 2)) with (22 * (sqrt (1 / 2))^2) by ring. rewrite E2. lra.
Qed.
