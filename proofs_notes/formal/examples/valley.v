(** What a skip connection does not remove (blueprint, section 5, case 16; section 1, L9): a valley of depth 1/2 at
    width one, and a barrier of 1/2 between two copies without a free slot. Both by one crossing.

    Definitions: [signs], the data x = 1, -1 with y = 1, -2; [no_bias], q(0) = 0 whatever the weights inside q;
    [corners], the data (1, 0), (0, 1) with y = 1, -1; [copy_straight], two neurons that fit them; [copy_exchanged],
    the same with the neurons exchanged.
    Statements: L9 (its barrier); and case 16. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums relu paths zeros.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import perturb transfer losses.
From Skipscape.routes Require Import route refit zero.
Import ListNotations.
Open Scope R_scope.

Lemma half_nonneg (k : nat) : 0 <= 1 / 2.
Proof. lra. Qed.

(** ** Case 16: n = 1, no biases, x = +1, -1, y = (1, -2) *)
Definition signs : data := Data 2 1 1
  (fun k _ => match k with O => 1 | _ => -1 end) (fun k _ => match k with O => 1 | _ => -2 end)
  (fun _ => 1 / 2) half_nonneg.

(** "no biases anywhere (q(0) = 0)", whatever the weights inside q *)
Definition no_bias (B : branch) : Prop := forall q, act B q (fun _ => 0) = fun _ => 0.

Lemma signs_loss f : squared signs f = ((f O O - 1)^2 + (f 1%nat O + 2)^2) / 2.
Proof. unfold squared; cbn. field. Qed.

Lemma signs_feature P j : feature signs P O j = relu (W P j O) /\ feature signs P 1 j = relu (- W P j O).
Proof. split; unfold feature, dot; cbn; f_equal; ring. Qed.

(** a point at which all features vanish has output 0 *)
Lemma dead_output X m B P k c : no_bias B -> (forall j, (j < m)%nat -> feature X P k j = 0) ->
  parallel X m B P k c = 0.
Proof.
  intros HB Hz. unfold parallel, skip, deep.
  rewrite (lsum_zero (seq 0 m)) by (intros j Hj; apply in_rng in Hj; rewrite Hz by easy; ring).
  replace (reading X m P k) with (fun _ : nat => 0).
  - rewrite HB, lsum_zero; [ring|]. intros; ring.
  - symmetry. apply functional_extensionality; intros a. apply lsum_zero.
    intros j Hj. apply in_rng in Hj. rewrite Hz by easy. ring.
Qed.

Section Case16.
Variable B : branch.
Hypothesis HB : no_bias B.

Notation net := (parallel signs 1 B).
Notation loss P := (squared signs (net P)).

Lemma width_one P k c : feature signs P k O = 0 -> net P k c = 0.
Proof. intros Hz. apply dead_output; [easy|]. intros j Hj. now replace j with O by lia. Qed.

(** "w > 0: best loss 2, f(-1) = 0 whatever the branch" *)
Theorem case16_side P : 0 <= W P O O -> net P 1 O = 0 /\ 2 <= loss P.
Proof.
  intros Hw. assert (H1 : net P 1 O = 0).
  { apply width_one. destruct (signs_feature P O) as [_ ->]. apply relu_neg. lra. }
  split; [easy|]. rewrite signs_loss, H1. pose proof (pow2_ge_0 (net P O O - 1)). lra.
Qed.

(** "every path crosses w = 0 where L = 5/2" *)
Theorem case16_crossing gam : path gam -> 0 < W (gam 0) O O -> W (gam 1) O O < 0 ->
  exists t, 0 <= t <= 1 /\ loss (gam t) = 5 / 2.
Proof.
  intros Hg H0 H1. destruct (crossing (fun t => W (gam t) O O) (Hg (InW 0 0)) H0 H1) as (t & Ht & E).
  exists t. split; [easy|]. destruct (signs_feature (gam t) O) as [F0 F1].
  rewrite signs_loss, !width_one.
  - lra.
  - rewrite F1, E, Ropp_0. apply relu_neg. lra.
  - rewrite F0, E. apply relu_neg. lra.
Qed.

(** "depth exactly 1/2" *)
Theorem case16_exact_depth P : 0 < W P O O -> loss P = 2 ->
  depth_at_most (fun P => loss P) P (1 / 2) /\ depth_at_least (fun P => loss P) P (1 / 2).
Proof.
  intros Hw HP. split.
  - set (w := fun _ _ : nat => -1). set (v := fun _ _ : nat => -2).
    assert (Hstar : squared signs (two_layer signs 1 w v) = 1 / 2).
    { rewrite signs_loss. unfold two_layer, dot; cbn. unfold w, v.
      rewrite (relu_neg (-1 * 1 + 0)), (relu_pos (-1 * -1 + 0)) by lra. lra. }
    assert (Hzero : zero_loss (squared signs) = 5 / 2).
    { unfold zero_loss. rewrite signs_loss. unfold zero_matrix. lra. }
    pose proof (R0_depth signs 1 B (squared signs) (convex_max_at_ends _ (L7_squared signs)) 1 w v P (Nat.le_refl 1)) as H.
    unfold loss_of in H. rewrite Hzero, HP, Hstar in H.
    replace (Rmax 0 (5 / 2 - 2)) with (1 / 2) in H by (relu_cases; lra).
    apply H. lra.
  - intros gam Hg g0 Hbetter.
    assert (H1 : W (gam 1) O O < 0).
    { apply Rnot_le_lt. intros Hpos. destruct (case16_side (gam 1) Hpos). lra. }
    destruct (case16_crossing gam Hg) as (t & Ht & E); [now rewrite g0 | easy|].
    exists t. split; [easy|]. rewrite E. lra.
Qed.
End Case16.

(** "With m = 2 (d = 0: equal signs merge exactly) depth 0", for any branch at all *)
Theorem case16_two_neurons B P : 0 < W P O O -> 0 < W P 1%nat O -> 1 / 2 < squared signs (parallel signs 2 B P) ->
  depth_at_most (fun P => squared signs (parallel signs 2 B P)) P 0.
Proof.
  intros H0 H1 HP. set (cf := fun _ : nat => W P 1%nat O / W P O O). set (ctr := fun _ : nat => O).
  set (P1 := merge P [1%nat] ctr cf). set (w := fun _ _ : nat => -1). set (v := fun _ _ : nat => -2).
  assert (HJ : slots 2 1 [1%nat]).
  { split; [repeat constructor; easy|]. split; [easy|]. intros j [<-|[]]. lia. }
  assert (Hcf : 0 <= W P 1%nat O / W P O O).
  { apply Rmult_le_pos; [lra | left; now apply Rinv_0_lt_compat]. }
  assert (Ha : admissible 2 1 [1%nat] ctr cf).
  { split; [easy|]. split; intros j [<-|[]]; [|easy]. split; [unfold ctr; lia|]. intros [E|[]]. discriminate. }
  (* the merged rows see the same features *)
  assert (Hfeature : forall t k j, feature signs (lin t P P1) k j = feature signs P k j).
  { intros t k j. unfold feature, dot. cbn [signs seen seq lsum]. do 3 f_equal.
    change (W (lin t P P1) j O) with ((1 - t) * W P j O + t * (if mem j [1%nat] then cf j * W P (ctr j) O else W P j O)).
    destruct j as [|[|j]]; cbn [mem existsb Nat.eqb orb]; unfold cf, ctr; [ring | field; lra | ring]. }
  assert (Hnet : forall t, parallel signs 2 B (lin t P P1) = parallel signs 2 B P).
  { intros t. apply matrix_ext; intros k c. unfold parallel. f_equal.
    - apply lsum_ext; intros j _. rewrite Hfeature. f_equal. unfold P1, merge; entries; ring.
    - apply deep_ext.
      + intros a. apply lsum_ext; intros j _. rewrite Hfeature. f_equal. unfold P1, merge; entries; ring.
      + intros s. unfold P1. now rewrite merge_U.
      + apply merge_Q. }
  assert (Hnet1 : parallel signs 2 B P1 = parallel signs 2 B P) by (rewrite <- (Hnet 1), lin_1; easy).
  assert (Hrows : forall i, W P1 1%nat i = cf 1%nat * W P1 (ctr 1%nat) i) by (intros; reflexivity).
  set (P2 := transfer P1 [1%nat] ctr cf).
  assert (Hfreed : freed signs 2 B 0 [1%nat] P P2).
  { split.
    - apply (joined_step _ P P1).
      + intros t _. apply close_equal; [lra | apply Hnet].
      + apply joined_line. intros t _. apply close_equal; [lra|]. unfold P2.
        rewrite (L4_transfer signs 2 B 1); [easy | easy|]. intros j [<-|[]] i. apply Hrows.
    - intros j Hj. split; intros; now apply hand_off. }
  pose proof (T1_from_route signs 2 B 1 w v (fun f => sqrt (squared signs f)) 1 0 [1%nat] P P2
    (tame_squared signs) HJ (Rle_refl 0) Hfreed) as Hjoin.
  assert (Hstar : squared signs (two_layer signs 1 w v) = 1 / 2).
  { rewrite signs_loss. unfold two_layer, dot; cbn. unfold w, v.
    rewrite (relu_neg (-1 * 1 + 0)), (relu_pos (-1 * -1 + 0)) by lra. lra. }
  apply (joined_depth _ P (landing w v [1%nat] P2)).
  - eapply joined_mono; [|exact Hjoin]. intros T HT. unfold sublevel, loss_of in *.
    rewrite Rmult_0_r, Rplus_0_r, Rmax_left in HT by (apply sqrt_le_1_alt; lra).
    apply sqrt_le_0 in HT; try apply squared_nonneg. lra.
  - rewrite (landing_function signs 2 B 1) by easy. lra.
Qed.

(** ** L9: "without one (a free slot) there can be a barrier" *)
Definition corners : data := Data 2 2 1
  (fun k i => if Nat.eqb k i then 1 else 0) (fun k _ => match k with O => 1 | _ => -1 end)
  (fun _ => 1 / 2) half_nonneg.

(** TWO-LAYER, m = l = 2: W = I, V = (1, -1), and the same network with its neurons exchanged, both with loss 0 *)
Definition copy_straight : param :=
  make (fun j i => if Nat.eqb j i then 1 else 0) (fun j _ => match j with O => 1 | _ => -1 end)
       zero_matrix zero_matrix (fun _ => zero_matrix).
Definition copy_exchanged : param :=
  make (fun j i => if Nat.eqb j i then 0 else 1) (fun j _ => match j with O => -1 | _ => 1 end)
       zero_matrix zero_matrix (fun _ => zero_matrix).

Theorem L9_barrier :
  squared corners (skip corners 2 copy_straight) = 0 /\ squared corners (skip corners 2 copy_exchanged) = 0 /\
  forall gam, path gam -> gam 0 = copy_straight -> gam 1 = copy_exchanged ->
    exists t, 0 <= t <= 1 /\ 1 / 2 <= squared corners (skip corners 2 (gam t)).
Proof.
  assert (Hloss : forall f, squared corners f = ((f O O - 1)^2 + (f 1%nat O + 1)^2) / 2)
    by (intros; unfold squared; cbn; field).
  assert (R1 : relu 1 = 1) by (apply relu_pos; lra).
  assert (R0 : relu 0 = 0) by (apply relu_neg; lra).
  split; [|split].
  - rewrite Hloss. unfold skip, feature, dot; cbn.
    replace (1 * 1 + (0 * 0 + 0)) with 1 by ring. replace (0 * 1 + (1 * 0 + 0)) with 0 by ring.
    replace (1 * 0 + (0 * 1 + 0)) with 0 by ring. replace (0 * 0 + (1 * 1 + 0)) with 1 by ring.
    rewrite R1, R0. field.
  - rewrite Hloss. unfold skip, feature, dot; cbn.
    replace (0 * 1 + (1 * 0 + 0)) with 0 by ring. replace (1 * 1 + (0 * 0 + 0)) with 1 by ring.
    replace (0 * 0 + (1 * 1 + 0)) with 1 by ring. replace (1 * 0 + (0 * 1 + 0)) with 0 by ring.
    rewrite R1, R0. field.
  - intros gam Hg g0 g1.
    destruct (crossing (fun t => V (gam t) O O) (Hg (InV 0 0))) as (t & Ht & E).
    { rewrite g0. cbn. lra. }
    { rewrite g1. cbn. lra. }
    exists t. split; [easy|]. rewrite Hloss. unfold skip. cbn [seq lsum]. rewrite E.
    pose proof (feature_nonneg corners (gam t) O 1) as F0. pose proof (feature_nonneg corners (gam t) 1 1) as F1.
    set (a := feature corners (gam t) O 1) in *. set (b := feature corners (gam t) 1 1) in *.
    set (u := V (gam t) 1%nat O). clearbody a b u.
    destruct (Rle_dec 0 u) as [Hu|Hu].
    + pose proof (Rmult_le_pos _ _ Hu F1). pose proof (pow2_ge_0 (u * a - 1)). nra.
    + assert (u * a <= 0) by nra. pose proof (pow2_ge_0 (u * b + 1)). nra.
Qed.
