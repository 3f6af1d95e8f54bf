(** The known answers of the blueprint's section 5 on the definitions of this folder. The numbers come from
    known_answers.json through [cases.v], the file that the Python tests read too.

    Definitions: case 2: [biased], x = 1, -1 seen as (x, 1), and [bias_row], (0, 1); case 3: [axes], the points (1,
    0), (0, 1), [two_rows], the network, [merged_rows], after L3; cases 5, 7, 14, 15: [one_point], x = 1 with target
    y, and [relu_branch], q the ReLU of one number; [rows5], [moved5], [rows7], [moved7], the networks before and
    after L4; case 13: [hidden_row], a narrow network's row, [skip_start], [skip_end], the ends of its readout line
    with the skip; case 14: [hidden_start], [hidden_end], the ends of a segment on which V and A move; case 15:
    [general_start], [general_end], the same in RESIDUAL.
    Statements: none of the ledger's; cases 1, 2, 3, 5, 7, 9, 13, 14, 15, 16 of the blueprint. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks deep.
From Skipscape.lemmas Require Import perturb transfer readout losses residual.
From Skipscape.routes Require Import route prune refit pairing.
From Skipscape.theorems Require Import connectivity separation.
From Skipscape.examples Require Import valley cases.
Import ListNotations.
Open Scope R_scope.

(** the numbers, then every [relu] of a known sign, innermost first *)
Ltac numbers := autounfold with cases in *.
Ltac relus := repeat match goal with |- context [relu ?a] =>
  lazymatch a with context [relu _] => fail | _ =>
    first [rewrite (relu_pos a) by lra | rewrite (relu_neg a) by lra] end end.

Lemma sqrt_is x y : 0 <= y -> x = y^2 -> sqrt x = y.
Proof. intros Hy ->. now apply sqrt_pow2. Qed.

(** ** Case 1: L1c *)
Example case1_strict : (relu case1_u - relu case1_v)^2 + (relu (- case1_u) - relu (- case1_v))^2 = case1_left
  /\ (case1_u - case1_v)^2 = case1_right.
Proof. numbers. relus. lra. Qed.

Example case1_equal : (relu case1_u - relu case1_v_same_sign)^2
    + (relu (- case1_u) - relu (- case1_v_same_sign))^2 = case1_both
  /\ (case1_u - case1_v_same_sign)^2 = case1_both.
Proof. numbers. relus. lra. Qed.

(** ** Case 2: with a bias the factor 1/sqrt 2 of symmetric laws must be refused *)
Definition biased : data := Data 2 2 1
  (fun k i => match i with O => match k with O => 1 | _ => -1 end | _ => 1 end) (fun _ _ => 0)
  (fun _ => 1 / 2) half_nonneg.
Definition bias_row : vector := fun i => match i with O => 0 | _ => 1 end.

Example case2_moment : moment biased case2_sigma.
Proof. numbers. split; [lra|]. intros v. unfold dot; cbn. lra. Qed.

Example case2_sharp : enorm 2 bias_row = 1 /\
  pnorm biased (fun k => relu (dot biased bias_row (input biased k)) - relu (dot biased (fun _ => 0) (input biased k)))
    = case2_norm /\ / sqrt 2 * (case2_sigma * enorm 2 bias_row) < case2_norm.
Proof.
  numbers. assert (E : enorm 2 bias_row = 1).
  { unfold enorm, wnorm; cbn. apply sqrt_is; lra. }
  split; [easy|]. split.
  - unfold pnorm, wnorm, dot; cbn. relus. apply sqrt_is; lra.
  - rewrite E. pose proof Rlt_sqrt2_0 as H2. assert (H1 : 1 < sqrt 2) by (rewrite <- sqrt_1; apply sqrt_lt_1; lra).
    apply (Rmult_lt_reg_l (sqrt 2)); [easy|]. rewrite <- Rmult_assoc, Rinv_r; lra.
Qed.

(** ** Case 3: L3 and T1 *)
Definition axes : data := Data 2 2 1
  (fun k i => if Nat.eqb k i then 1 else 0) (fun _ _ => case3_y) (fun _ => 1 / 2) half_nonneg.
Definition two_rows : param :=
  make (fun j i => match j, i with
                   | O, O => 1 | O, _ => 0 | _, O => case3_w_2_1 | _, _ => case3_w_2_2 end)
       (fun _ _ => 1) zero_matrix zero_matrix (fun _ => zero_matrix).
Definition merged_rows : param := merge two_rows [1%nat] (fun _ => O) (fun _ => case3_c).
Notation output3 P k := (parallel axes 2 no_branch P k O).
Notation loss3 P := (squared axes (parallel axes 2 no_branch P)).

Ltac case3 := unfold squared, parallel, deep, skip, feature, dot, merged_rows, merge, two_rows, zero_matrix;
  entries; cbn; numbers; relus; lra.

Example case3_moment : moment axes (sqrt case3_sigma_squared).
Proof.
  split; [apply sqrt_pos|]. intros v. rewrite pow2_sqrt by (numbers; lra). unfold dot; cbn. numbers. lra.
Qed.

Example case3_projection : projection axes (W two_rows 1%nat) (W two_rows O) = case3_c.
Proof.
  unfold projection, dot. rewrite enorm_sq. unfold two_rows; entries; cbn. numbers. relus. field.
Qed.

Example case3_deviation :
  (deviation axes no_branch (sqrt case3_sigma_squared) 0 two_rows [1%nat] (fun _ => O) (fun _ => case3_c))^2 = case3_D_squared
  /\ neuron_mass axes no_branch 0 two_rows 1%nat = case3_mass_2.
Proof.
  assert (E1 : enorm 2 (fun i => W two_rows 1%nat i - case3_c * W two_rows O i) = 4).
  { unfold enorm, wnorm, two_rows; entries; cbn. numbers. apply sqrt_is; lra. }
  assert (E2 : enorm 1 (V two_rows 1%nat) = 1).
  { unfold enorm, wnorm, two_rows; entries; cbn. apply sqrt_is; lra. }
  assert (E3 : enorm 2 (W two_rows 1%nat) = 5).
  { unfold enorm, wnorm, two_rows; entries; cbn. numbers. apply sqrt_is; lra. }
  split.
  - unfold deviation. cbn [lsum axes seen outputs]. rewrite E1, E2, Rpow_mult_distr, pow2_sqrt by (numbers; lra).
    numbers. lra.
  - unfold neuron_mass. cbn [axes seen outputs]. rewrite E2, E3. numbers. lra.
Qed.

Example case3_start : loss3 two_rows = case3_loss_start.
Proof. case3. Qed.
Example case3_half : let P := lin (1 / 2) two_rows merged_rows in
  output3 P O = case3_f_half_1 /\ output3 P 1%nat = case3_f_half_2 /\ loss3 P = case3_loss_half.
Proof. split; [|split]; case3. Qed.
Example case3_end :
  output3 merged_rows O = case3_f_end_1 /\ output3 merged_rows 1%nat = case3_f_end_2 /\ loss3 merged_rows = case3_loss_end.
Proof. split; [|split]; case3. Qed.
Example case3_reference : squared axes (two_layer axes 1 (fun _ _ => case3_star_w) (fun _ _ => case3_star_v)) = 0.
Proof. unfold squared, two_layer, dot; cbn. numbers. relus. lra. Qed.

(** "maximum over the whole T1 path exactly 8": the path goes through the merged rows *)
Example case3_path : exists E gam,
  path gam /\ gam 0 = two_rows /\ gam 1 = E /\ loss3 E = 0 /\
  (forall t, 0 <= t <= 1 -> loss3 (gam t) <= case3_maximum) /\
  exists t, 0 <= t <= 1 /\ gam t = merged_rows /\ loss3 (gam t) = case3_maximum.
Proof.
  set (w := fun _ _ : nat => case3_star_w). set (v := fun _ _ : nat => case3_star_v).
  set (F := transfer merged_rows [1%nat] (fun _ => O) (fun _ => case3_c)). set (E := landing w v [1%nat] F).
  set (below := sublevel (loss_of axes 2 no_branch (squared axes)) case3_maximum).
  assert (HJ : slots 2 1 [1%nat]).
  { split; [repeat constructor; easy|]. split; [easy|]. intros j [<-|[]]. lia. }
  assert (Ha : admissible 2 1 [1%nat] (fun _ => O) (fun _ => case3_c)).
  { split; [easy|]. split; [|intros; numbers; lra]. intros j [<-|[]]. split; [lia|]. intros [H|[]]. discriminate. }
  destruct case3_end as (_ & _ & Hmerged). destruct case3_deviation as [HD _].
  assert (HE : parallel axes 2 no_branch E = two_layer axes 1 w v) by now apply landing_function.
  (* L3: below 8 up to the merged rows *)
  assert (H1 : joined below two_rows merged_rows).
  { apply joined_line. intros t Ht. unfold below, sublevel, loss_of.
    pose proof (L3_perturb axes 2 no_branch (sqrt case3_sigma_squared) 0 two_rows [1%nat] (fun _ => O)
      (fun _ => case3_c) t case3_moment (no_branch_gain axes two_rows) (proj1 HJ) (proj2 (proj2 HJ)) (proj1 Ht)) as H3.
    pose proof (L8_squared axes (parallel axes 2 no_branch two_rows) (fun k c =>
      parallel axes 2 no_branch (lin t two_rows merged_rows) k c - parallel axes 2 no_branch two_rows k c)) as H8.
    cbv beta in H8. fold merged_rows in H3.
    replace (fun k c => parallel axes 2 no_branch two_rows k c + (parallel axes 2 no_branch (lin t two_rows merged_rows) k c
      - parallel axes 2 no_branch two_rows k c)) with (parallel axes 2 no_branch (lin t two_rows merged_rows)) in H8
      by (apply matrix_ext; intros; ring).
    rewrite case3_start in H8. unfold case3_loss_start in H8. rewrite sqrt_0 in H8.
    set (D := deviation axes no_branch (sqrt case3_sigma_squared) 0 two_rows [1%nat] (fun _ => O) (fun _ => case3_c)) in *.
    assert (HD0 : 0 <= D) by (apply deviation_nonneg; [apply sqrt_pos | lra]).
    assert (Hroot : sqrt (loss3 (lin t two_rows merged_rows)) <= D) by nra.
    pose proof (sqrt_pos (loss3 (lin t two_rows merged_rows))).
    assert (Hsq : (sqrt (loss3 (lin t two_rows merged_rows)))^2 <= D^2) by (apply pow_incr; lra).
    rewrite pow2_sqrt, HD in Hsq by apply squared_nonneg. numbers. exact Hsq. }
  (* L4, L9, L7: and from there to g-star *)
  assert (Hsame : forall t, parallel axes 2 no_branch (lin t merged_rows F) = parallel axes 2 no_branch merged_rows).
  { intros t. apply (L4_transfer axes 2 no_branch 1); [easy|]. intros j [<-|[]] i. unfold merged_rows, merge; entries.
    reflexivity. }
  assert (H2 : joined below merged_rows E).
  { apply (joined_step _ merged_rows F).
    - intros t _. unfold below, sublevel, loss_of. rewrite Hsame, Hmerged. numbers. lra.
    - apply (land axes 2 no_branch 1); [apply convex_max_at_ends, L7_squared | easy | | |].
      + intros j Hj. split; intros; now apply hand_off.
      + unfold loss_of. rewrite <- (lin_1 merged_rows F), Hsame, Hmerged. numbers. lra.
      + unfold w, v. rewrite case3_reference. numbers. lra. }
  destruct (joined_path _ _ _ H1) as (g1 & Hg1 & s1 & e1 & B1).
  destruct (joined_path _ _ _ H2) as (g2 & Hg2 & s2 & e2 & B2).
  assert (Hmeet : g1 1 = g2 0) by now rewrite e1, s2.
  assert (Hmiddle : concat g1 g2 (1 / 2) = merged_rows).
  { rewrite concat_first, clamp_hi by lra. exact e1. }
  exists E, (concat g1 g2). split; [now apply concat_continuous|].
  split; [now rewrite concat_first, clamp_lo by lra|].
  split; [now rewrite concat_second, clamp_hi by (easy || lra)|].
  split; [rewrite HE; apply case3_reference|]. split.
  - intros t Ht. destruct (Rle_dec t (1 / 2)) as [Hl|Hr].
    + rewrite concat_first by easy. apply B1, clamp_bound.
    + rewrite concat_second by (easy || lra). apply B2, clamp_bound.
  - exists (1 / 2). split; [lra|]. split; [easy|]. rewrite Hmiddle, Hmerged. reflexivity.
Qed.

(** ** Case 5: L4 in RESIDUAL *)
Definition one_point (y : R) : data := Data 1 1 1 (fun _ _ => 1) (fun _ _ => y) (fun _ => 1)
  (fun _ => Rlt_le _ _ Rlt_0_1).
(** q = ReLU of one number *)
Definition relu_branch : branch := Branch 1 1 (fun _ a s => relu (a s)).
Definition rows5 : param :=
  make (fun j _ => match j with O => case5_w_1 | _ => case5_w_2 end) (fun _ _ => 1) (fun _ _ => 1)
       (fun j _ => match j with O => case5_U_1 | _ => case5_U_2 end) (fun _ => zero_matrix).
Definition moved5 : param := rebase rows5 [1%nat] (fun _ => O) (fun _ => case5_w_2).
Notation output5 P := (residual (one_point 0) 2 relu_branch P O O).

Ltac case5 := unfold residual, deep, reading, feature, dot, moved5, rebase, transfer, give, receive, hand, single, rows5,
  zero_matrix; entries; cbn; numbers; relus; lra.

Example case5_start : output5 rows5 = case5_f.
Proof. case5. Qed.
Example case5_half : let P := lin (1 / 2) rows5 moved5 in
  W P 1%nat O = case5_half_w_2 /\ V P O O = case5_half_V_1 /\ U P 1%nat O = case5_half_U_2 /\ output5 P = case5_f.
Proof. split; [|split; [|split]]; case5. Qed.
Example case5_end :
  W moved5 1%nat O = case5_end_w_2 /\ V moved5 O O = case5_end_V_1 /\ U moved5 1%nat O = case5_end_U_2 /\
  output5 moved5 = case5_f.
Proof. split; [|split; [|split]]; case5. Qed.
(** "The PARALLEL move gives 12" *)
Example case5_wrong_move : output5 (transfer rows5 [1%nat] (fun _ => O) (fun _ => case5_w_2)) = case5_f_wrong.
Proof. case5. Qed.

(** ** Case 7: L10 along the RESIDUAL move, Lambda = ||V U|| Lip(q) *)
Definition rows7 : param :=
  make (fun j _ => match j with O => case7_w_1 | _ => case7_w_2 end)
       (fun j _ => match j with O => case7_V_1 | _ => case7_V_2 end)
       (fun j _ => match j with O => case7_A_1 | _ => case7_A_2 end)
       (fun j _ => match j with O => case7_U_1 | _ => case7_U_2 end) (fun _ => zero_matrix).
Definition moved7 : param := rebase rows7 [1%nat] (fun _ => O) (fun _ => case7_c).

Lemma enorm_1 v : enorm 1 v = Rabs (v O).
Proof.
  unfold enorm, wnorm; cbn. rewrite <- sqrt_Rsqr_abs. f_equal. unfold Rsqr. ring.
Qed.

Ltac case7 := unfold mass, neuron_mass; cbn [one_point seen outputs relu_branch branch_in seq lsum]; rewrite !enorm_1;
  unfold moved7, rebase, receive, single, rows7; entries; cbn; numbers; unfold Rabs; repeat destruct Rcase_abs; lra.

Example case7_product_stays : product 2 rows7 O O = case7_product /\ product 2 moved7 O O = case7_product.
Proof.
  split; unfold product, moved7, rebase, receive, single, rows7; entries; cbn; numbers; lra.
Qed.
Example case7_mass_along : let S P := mass (one_point 0) 2 relu_branch (Rabs case7_product) P in
  S rows7 = case7_S_start /\ S (lin (1 / 2) rows7 moved7) = case7_S_half /\ S moved7 = case7_S_end.
Proof. split; [|split]; case7. Qed.

(** "with ||V|| ||U|| it would be 7 + 6 sqrt 65, 7 + 15 sqrt 41, 7": more in the middle than at the start *)
Example case7_wrong_norm :
  let S P := mass (one_point 0) 2 relu_branch (enorm 2 (fun j => V P j O) * enorm 2 (fun j => U P j O)) P in
  S rows7 = case7_rest + case7_wrong_start * sqrt case7_root_start /\
  S (lin (1 / 2) rows7 moved7) = case7_rest + case7_wrong_half * sqrt case7_root_half /\
  S moved7 = case7_rest /\ S rows7 < S (lin (1 / 2) rows7 moved7).
Proof.
  intros S.
  assert (Hnorms : forall a b c d, 0 <= a^2 + b^2 ->
    enorm 2 (fun j => match j with O => a | _ => b end) * enorm 2 (fun j => match j with O => c | _ => d end)
    = sqrt ((a^2 + b^2) * (c^2 + d^2))).
  { intros a b c d Hab. unfold enorm, wnorm; cbn [seq lsum]. rewrite <- sqrt_mult_alt by lra. f_equal. ring. }
  assert (Hpairs : forall f : nat -> R, enorm 2 f = enorm 2 (fun j => match j with O => f O | _ => f 1%nat end)).
  { intros f. apply enorm_ext. intros [|[|j]] Hj; [easy | easy | lia]. }
  assert (HS : forall P, S P = Rabs (W P O O) * (Rabs (V P O O) + sqrt (((V P O O)^2 + (V P 1%nat O)^2)
      * ((U P O O)^2 + (U P 1%nat O)^2)) * Rabs (A P O O))
    + Rabs (W P 1%nat O) * (Rabs (V P 1%nat O) + sqrt (((V P O O)^2 + (V P 1%nat O)^2)
      * ((U P O O)^2 + (U P 1%nat O)^2)) * Rabs (A P 1%nat O))).
  { intros P. unfold S. rewrite (Hpairs (fun j => V P j O)), (Hpairs (fun j => U P j O)), Hnorms by nra.
    unfold mass, neuron_mass. cbn [one_point seen outputs relu_branch branch_in seq lsum]. rewrite !enorm_1. ring. }
  assert (E0 : S rows7 = case7_rest + case7_wrong_start * sqrt case7_root_start).
  { rewrite HS. unfold rows7; entries. numbers. replace ((1^2 + 2^2) * (3^2 + (- (2))^2)) with 65 by ring.
    rewrite (Rabs_right 1), (Rabs_right 3), (Rabs_right 2), (Rabs_left (- (3))) by lra. ring. }
  assert (E1 : S (lin (1 / 2) rows7 moved7) = case7_rest + case7_wrong_half * sqrt case7_root_half).
  { rewrite HS. unfold moved7, rebase, receive, single, rows7; entries; cbn. numbers.
    match goal with |- context [sqrt ?x] => replace x with (5 * 5 * 41) by field end.
    rewrite sqrt_mult_alt, sqrt_square by lra. unfold Rabs; repeat destruct Rcase_abs; lra. }
  split; [easy|]. split; [easy|]. split.
  - rewrite HS. unfold moved7, rebase, receive, single, rows7; entries; cbn. numbers.
    match goal with |- context [sqrt ?x] => set (r := sqrt x); clearbody r end.
    unfold Rabs; repeat destruct Rcase_abs; lra.
  - rewrite E0, E1. numbers. assert (Ha : sqrt 65 < 9) by (rewrite <- (sqrt_square 9) by lra; apply sqrt_lt_1; lra).
    assert (Hb : 6 < sqrt 41) by (rewrite <- (sqrt_square 6) at 1 by lra; apply sqrt_lt_1; lra). lra.
Qed.

(** ** Case 9: R4 and R7 at m = 1000, l = 10, sigma = S = 1 (R1 to R3 have no such constant here) *)
Lemma INR_of (n : nat) (z : Z) : Z.of_nat n = z -> INR n = IZR z.
Proof. intros <-. apply INR_IZR_INZ. Qed.

Example case9_prune X B lam P : moment X 1 -> 0 <= lam -> mass X 1000 B lam P = 1 ->
  exists J ctr, admissible 1000 10 J ctr (fun _ => 0) /\ deviation X B 1 lam P J ctr (fun _ => 0) <= case9_R4.
Proof.
  intros Hs Hlam HS. destruct (R4_prune X 1000 B 1 lam P 10) as (J & ctr & Ha & _ & _ & HD); try easy.
  { apply Nat.ltb_lt. reflexivity. }
  exists J, ctr. split; [easy|]. eapply Rle_trans; [exact HD|]. rewrite HS.
  rewrite (INR_of 1000 1000), (INR_of 10 10) by reflexivity. numbers. lra.
Qed.

Example case9_pairing X B P : moment X 1 -> branch_gain X B P 0 -> mass X 1000 B 0 P = 1 ->
  exists J P', slots 1000 10 J /\ freed X 1000 B (case9_R7 * sqrt case9_l) J P P'.
Proof.
  intros Hs Hlam HS.
  destruct (R7_pairing X 1000 B 1 0 P 10 1) as (J & P' & HJ & Hsilent & HF); try easy; [| |now left|].
  { apply Nat.leb_le. reflexivity. } { lia. }
  exists J, P'. split; [easy|]. replace (case9_R7 * sqrt case9_l) with
    (2 * 1 * 1 * mass X 1000 B 0 P * sqrt (INR 10) / INR (1000 - 2 * 10 + 1)).
  { split; [apply joined_line; intros t Ht; now apply HF | easy]. }
  rewrite HS, (INR_of (1000 - 2 * 10 + 1) 981), (INR_of 10 10) by reflexivity. numbers. lra.
Qed.

(** ** Case 13: T5, no hidden layer before the narrow one, one hidden row without bias *)
Example case13_data : target signs O O = case13_y_1 /\ target signs 1%nat O = case13_y_2.
Proof. split; reflexivity. Qed.

Definition hidden_row (a : R) : nat -> matrix := fun _ _ i => match i with O => a | _ => 0 end.

Example case13_separation :
  let P := narrow_make (hidden_row 1) 1 in
  let P' := narrow_make (hidden_row (-1)) case13_V_end in
  narrow_loss signs [] P = case13_loss /\ narrow_loss signs [] P' = case13_loss_other_side /\
  depth_at_most (narrow_loss signs []) P case13_depth /\ depth_at_least (narrow_loss signs []) P case13_depth.
Proof.
  intros P P'.
  assert (Hplus : mean_sq signs (y_plus signs) = 1 / 2).
  { unfold mean_sq, y_plus; cbn. rewrite (relu_pos 1), (relu_neg (-2)) by lra. lra. }
  assert (Hminus : mean_sq signs (y_minus signs) = 2).
  { unfold mean_sq, y_minus; cbn. rewrite (relu_neg (- (1))), (relu_pos (- -2)) by lra. lra. }
  assert (HP : forall k, (k < points signs)%nat -> narrow signs [] P k O = y_plus signs k).
  { intros [|[|k]] Hk; [| |simpl in Hk; lia]; unfold narrow, height, layer, y_plus, P, hidden, hidden_row; cbn;
      unfold layer; cbn; relus; lra. }
  assert (HP' : forall k, (k < points signs)%nat -> narrow signs [] P' k O = - y_minus signs k).
  { intros [|[|k]] Hk; [| |simpl in Hk; lia]; unfold narrow, height, layer, y_minus, P', hidden, hidden_row; cbn;
      unfold layer; cbn; numbers; relus; lra. }
  pose proof (minus_loss signs eq_refl [] P' HP') as EP'.
  destruct (T5_separation signs eq_refl [] P P') as (EP & _ & _ & Hup & Hlow); auto.
  - unfold P. simpl. lra.
  - rewrite Hplus, Hminus. lra.
  - rewrite Hplus in *. rewrite Hminus in EP. unfold case13_loss, case13_loss_other_side, case13_depth.
    repeat split; try assumption; lra.
Qed.

(** "with V z, w = (1, -1), V: (0, 0) -> (0, -2): L = 2 (1 - t)^2" *)
Definition skip_start : param :=
  make (fun j _ => match j with O => 1 | _ => -1 end) zero_matrix
       (fun j _ => match j with O => 1 | _ => 0 end) (fun _ _ => 1) (fun _ => zero_matrix).
Definition skip_end : param := readout skip_start (fun j _ => match j with O => 0 | _ => case13_V_end end) (U skip_start).

Example case13_skip t : squared signs (parallel signs 2 relu_branch (lin t skip_start skip_end)) = case13_loss * (1 - t)^2.
Proof.
  rewrite signs_loss. unfold parallel, skip, deep, reading, skip_end, readout, skip_start, zero_matrix.
  unfold feature, dot; entries; cbn. numbers.
  replace (((1 - t) * 1 + t * 1) * 1 + 0) with 1 by ring.
  replace (((1 - t) * -1 + t * -1) * 1 + 0) with (-1) by ring.
  replace (((1 - t) * 1 + t * 1) * -1 + 0) with (-1) by ring.
  replace (((1 - t) * -1 + t * -1) * -1 + 0) with 1 by ring.
  rewrite (relu_pos 1), (relu_neg (-1)) by lra.
  replace (((1 - t) * 1 + t * 1) * 1 + (((1 - t) * 0 + t * 0) * 0 + 0)) with 1 by ring.
  replace (((1 - t) * 1 + t * 1) * 0 + (((1 - t) * 0 + t * 0) * 1 + 0)) with 0 by ring.
  rewrite (relu_pos 1), (relu_neg 0) by lra. field.
Qed.

(** ** Case 14: a hidden segment, V and A moving *)
Definition hidden_start : param :=
  make (fun _ _ => 1) zero_matrix (fun _ _ => case14_A_start) (fun _ _ => case14_U) (fun _ => zero_matrix).
Definition hidden_end : param :=
  make (fun _ _ => 1) (fun _ _ => case14_V_end) (fun _ _ => case14_A_end) (fun _ _ => case14_U) (fun _ => zero_matrix).
Notation loss14 t := (squared (one_point 0) (parallel (one_point 0) 1 relu_branch (lin t hidden_start hidden_end))).

Lemma case14_output t : loss14 t = (7 * t - 7 / 6 * relu (7 * t - 1))^2.
Proof.
  unfold squared, parallel, skip, deep, reading, feature, dot, hidden_start, hidden_end, zero_matrix; entries; cbn. numbers.
  replace (((1 - t) * 1 + t * 1) * 1 + 0) with 1 by ring. rewrite (relu_pos 1) by lra.
  replace (((1 - t) * - (1) + t * 6) * 1 + 0) with (7 * t - 1) by ring. field.
Qed.

Example case14_maximum_at : loss14 case14_at = case14_maximum.
Proof. rewrite case14_output. numbers. relus. lra. Qed.
Example case14_maximum_bound t : 0 <= t <= 1 -> loss14 t <= case14_maximum.
Proof.
  intros Ht. rewrite case14_output. numbers. destruct (Rle_dec (7 * t - 1) 0) as [H|H].
  - rewrite relu_neg by easy. nra.
  - rewrite relu_pos by lra. nra.
Qed.
(** "61 points see 14161/14400": the largest loss at the times k/60 *)
Example case14_grid : loss14 case14_grid_at = case14_grid_value /\
  forall k, (k <= 60)%nat -> loss14 (INR k / 60) <= case14_grid_value.
Proof.
  split; [rewrite case14_output; numbers; relus; lra|].
  intros k Hk. rewrite case14_output. numbers. pose proof (pos_INR k) as H0.
  assert (Hk60 : INR k <= 60) by (apply le_INR in Hk; rewrite (INR_of 60 60) in Hk by reflexivity; exact Hk).
  destruct (le_lt_dec k 8) as [H|H].
  - apply le_INR in H. rewrite (INR_of 8 8) in H by reflexivity. rewrite relu_neg by lra. nra.
  - apply (le_INR 9) in H. rewrite (INR_of 9 9) in H by reflexivity. rewrite relu_pos by lra. nra.
Qed.

(** ** Case 15: a general segment of RESIDUAL, no breakpoint inside *)
Definition general_start : param :=
  make (fun _ _ => 1) (fun _ _ => case15_V_start) zero_matrix (fun _ _ => 1) (fun _ => zero_matrix).
Definition general_end : param :=
  make (fun _ _ => 1) zero_matrix (fun _ _ => case15_A_end) (fun _ _ => 1) (fun _ => zero_matrix).
Notation loss15 t := (squared (one_point 0) (residual (one_point 0) 1 relu_branch (lin t general_start general_end))).

Lemma case15_output t : 0 <= t -> loss15 t = ((2 - 2 * t) * (1 + 4 * t))^2.
Proof.
  intros Ht.
  unfold squared, residual, deep, reading, feature, dot, general_start, general_end, zero_matrix; entries; cbn. numbers.
  replace (((1 - t) * 1 + t * 1) * 1 + 0) with 1 by ring. rewrite (relu_pos 1) by lra.
  replace (((1 - t) * 0 + t * 4) * 1 + 0) with (4 * t) by ring. rewrite (relu_pos (4 * t)) by lra. ring.
Qed.

Example case15_ends : loss15 0 = case15_loss_start /\ loss15 1 = case15_loss_end.
Proof. rewrite !case15_output by lra. numbers. lra. Qed.
Example case15_maximum_at : loss15 case15_at = case15_maximum.
Proof. rewrite case15_output by (numbers; lra). numbers. lra. Qed.
Example case15_maximum_bound t : 0 <= t <= 1 -> loss15 t <= case15_maximum.
Proof.
  intros Ht. rewrite case15_output by lra. numbers.
  assert (H0 : 0 <= (2 - 2 * t) * (1 + 4 * t)) by (apply Rmult_le_pos; lra).
  assert (H1 : (2 - 2 * t) * (1 + 4 * t) <= 25 / 8) by (pose proof (pow2_ge_0 (t - 3 / 8)); lra).
  nra.
Qed.

(** ** Case 16: a valley of a skip network *)
Example case16_data : target signs O O = case16_y_1 /\ target signs 1%nat O = case16_y_2 /\
  squared signs zero_matrix = case16_loss_zero.
Proof. split; [reflexivity|]. split; [reflexivity|]. rewrite signs_loss. unfold zero_matrix. numbers. lra. Qed.

Lemma positive_row_loss m B : (1 <= m)%nat -> (m <= 2)%nat ->
  squared signs (parallel signs m B (make (fun _ _ => 1) (fun j _ => match j with O => 1 | _ => 0 end)
    zero_matrix zero_matrix (fun _ => zero_matrix))) = case16_loss.
Proof.
  intros H1 H2. rewrite parallel_off, signs_loss by easy.
  destruct m as [|[|[|m]]]; try lia; unfold skip, feature, dot; entries; cbn; numbers; relus; lra.
Qed.

(** depth exactly 1/2, and the other side is better; for every branch without biases *)
Example case16_valley B : no_bias B ->
  let F P := squared signs (parallel signs 1 B P) in
  let P := make (fun _ _ => 1) (fun j _ => match j with O => 1 | _ => 0 end) zero_matrix zero_matrix (fun _ => zero_matrix) in
  F P = case16_loss /\ squared signs (two_layer signs 1 (fun _ _ => -1) (fun _ _ => -2)) = case16_loss_other_side /\
  depth_at_most F P case16_depth /\ depth_at_least F P case16_depth.
Proof.
  intros HB F P. assert (HP : F P = case16_loss) by (apply positive_row_loss; lia).
  split; [easy|]. split.
  - rewrite signs_loss. unfold two_layer, dot; cbn. numbers. relus. lra.
  - apply (case16_exact_depth B HB P); [unfold P; entries; lra | exact HP].
Qed.

Example case16_gone B :
  let F P := squared signs (parallel signs 2 B P) in
  let P := make (fun _ _ => 1) (fun j _ => match j with O => 1 | _ => 0 end) zero_matrix zero_matrix (fun _ => zero_matrix) in
  F P = case16_loss /\ depth_at_most F P case16_depth_two_neurons.
Proof.
  intros F P. assert (HP : F P = case16_loss) by (apply positive_row_loss; lia).
  split; [easy|]. unfold case16_depth_two_neurons.
  apply case16_two_neurons; [unfold P; entries; lra.. |]. fold (F P). rewrite HP. numbers. lra.
Qed.

(** ** Two neurons change places without a free slot *)
Example exchange_data : target corners O O = exchange_y_1 /\ target corners 1%nat O = exchange_y_2 /\
  exchange_loss = 0 /\ exchange_barrier = 1 / 2.
Proof. split; [reflexivity|]. split; [reflexivity|]. numbers. lra. Qed.
