(** U1 [ours] (blueprint-2, section 1): T7 and C7 use of a neuron only that it is a unit: linear in its outgoing
    weights, with inner weights that are free to move while these are 0. So they hold for channels and for the
    branches of a multi-branch network, and the reference is then the best network of any number of such units.

    Definitions: [unit_coordinate], one inner or outgoing weight, [unit_param], all of them, read by [inner_of] and
    [outer_of], put together by [unit_make]; [unit], what one unit does; [units], the sum of m of them, and
    [loss_of_units]; [swap], unit j with other inner weights; [mix], outgoing weights times 1 - e, of unit j another
    matrix; [reference], g*, a sum of l units; [unit_mass], H*, the sum of their norms; [relu_unit], the neuron as a
    unit; [branch_unit], a branch as a unit.
    Statements: U1. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import losses smooth draw.
From Skipscape.theorems Require Import one_slot.
Import ListNotations.
Open Scope R_scope.

Inductive unit_coordinate :=
| Inner (u i : nat)
| Outer (u c s : nat).
Definition unit_param := unit_coordinate -> R.
Definition inner_of (P : unit_param) (u : nat) : vector := fun i => P (Inner u i).
Definition outer_of (P : unit_param) (u : nat) : matrix := fun c s => P (Outer u c s).
Definition unit_make (w : matrix) (v : nat -> matrix) : unit_param := fun x =>
  match x with Inner u i => w u i | Outer u c s => v u c s end.

Ltac unit_entries := cbv beta iota delta [lin inner_of outer_of unit_make].

Section Units.
Variables (X : data) (m q : nat).
(** phi w k: the q features, at point k, of a unit with inner weights w *)
Variable phi : vector -> nat -> vector.

Definition unit (w : vector) (v : matrix) (k c : nat) : R := \sum_(s < q) (v c s * phi w k s).
Definition units (P : unit_param) (k c : nat) : R := \sum_(u < m) (unit (inner_of P u) (outer_of P u) k c).
Definition loss_of_units (P : unit_param) : R := squared X (units P).

Definition swap (P : unit_param) (j : nat) (w : vector) : unit_param :=
  unit_make (fun u => if Nat.eqb u j then w else inner_of P u) (outer_of P).
Definition mix (P : unit_param) (j : nat) (e : R) (v : matrix) : unit_param :=
  unit_make (inner_of P) (fun u c s => if Nat.eqb u j then v c s else (1 - e) * outer_of P u c s).

(** nothing is read of unit j: its inner weights move at no cost *)
Lemma swap_silent P j w t : (forall c s, outer_of P j c s = 0) -> units (lin t P (swap P j w)) = units P.
Proof.
  intros H0. apply matrix_ext; intros k c. apply lsum_ext; intros u _. apply lsum_ext; intros s _.
  assert (EV : outer_of (lin t P (swap P j w)) u c s = outer_of P u c s) by (unfold swap; unit_entries; ring).
  rewrite EV. destruct (Nat.eqb_spec u j) as [->|Hne]; [rewrite H0; ring|]. f_equal. f_equal.
  apply functional_extensionality; intros i. unfold swap; unit_entries. rewrite (proj2 (Nat.eqb_neq u j) Hne). ring.
Qed.

(** outgoing weights along a line: the output is affine *)
Lemma outer_affine P P' t : inner_of P' = inner_of P ->
  units (lin t P P') = fun k c => (1 - t) * units P k c + t * units P' k c.
Proof.
  intros EW. apply matrix_ext; intros k c. unfold units. rewrite <- !lsum_scal, <- lsum_plus.
  apply lsum_ext; intros u _. unfold unit. rewrite <- !lsum_scal, <- lsum_plus. apply lsum_ext; intros s _.
  replace (inner_of (lin t P P') u) with (inner_of P u).
  - rewrite EW. change (outer_of (lin t P P') u c s) with ((1 - t) * outer_of P u c s + t * outer_of P' u c s). ring.
  - apply functional_extensionality; intros i. change (inner_of P u i = (1 - t) * inner_of P u i + t * inner_of P' u i).
    rewrite EW. ring.
Qed.

Lemma outer_line P P' c : inner_of P' = inner_of P -> loss_of_units P <= c -> loss_of_units P' <= c ->
  joined (sublevel loss_of_units c) P P'.
Proof.
  intros EW HP HP'. apply joined_line. intros t Ht. unfold sublevel, loss_of_units. rewrite outer_affine by easy.
  eapply Rle_trans; [apply (convex_max_at_ends _ (L7_squared X)); exact Ht|]. now apply Rmax_lub.
Qed.

(** a reference of l units *)
Variables (l : nat) (w : matrix) (v : nat -> matrix).
Definition reference (k c : nat) : R := \sum_(i < l) (unit (w i) (v i) k c).
Definition unit_mass : R := \sum_(i < l) (fnorm X (unit (w i) (v i))).

(** one unit, drawn by its norm, is no worse than the mean of all *)
Lemma unit_draw f e : 0 <= e -> exists i a, ((i < l)%nat \/ a = 0) /\
  squared X (fun k c => f k c + a * unit (w i) (v i) k c)
  <= squared X (fun k c => f k c + e * reference k c) + e^2 * (unit_mass^2 - (fnorm X reference)^2).
Proof.
  intros He. set (h := fun i => unit (w i) (v i)). set (Q := unit_mass). set (g := reference).
  set (r := fun k c => f k c - target X k c).
  assert (HQ : 0 <= Q) by (apply lsum_nonneg; intros; apply fnorm_nonneg).
  assert (Hgn : fnorm X g <= Q).
  { apply (wnorm_sum _ _ (weight_fst X) (seq 0 l) (fun i kc => h i (fst kc) (snd kc))). }
  assert (Hg : squared X (fun k c => f k c + e * g k c) = squared X f + 2 * e * inner X r g + e^2 * (fnorm X g)^2)
    by apply squared_shift.
  destruct (Req_dec Q 0) as [E|E].
  - exists O, 0. split; [now right|].
    assert (H0 : fnorm X g = 0) by (pose proof (fnorm_nonneg X g); lra).
    replace (fun k c => f k c + 0 * unit (w O) (v O) k c) with f by (apply matrix_ext; intros; ring).
    rewrite Hg, (inner_null X r g H0), H0, E. lra.
  - assert (HQp : 0 < Q) by lra.
    set (b := squared X f + 2 * e * inner X r g + e^2 * Q^2).
    set (T := fun i => fnorm X (h i) * (squared X f + e^2 * Q^2) + 2 * e * Q * inner X r (h i)).
    destruct (some_below_mean l (fun i => fnorm X (h i)) T b) as (i & Hi & Hqi & HT).
    + intros; apply fnorm_nonneg.
    + intros i Hi E0. unfold T. rewrite E0, (inner_null X r _ E0). ring.
    + exact HQp.
    + right. unfold T. rewrite lsum_plus, lsum_scal_r, lsum_scal.
      assert (Eg : \sum_(i < l) (inner X r (h i)) = inner X r g) by (symmetry; apply (inner_sum X r l h)).
      rewrite Eg. change (\sum_(i < l) (fnorm X (h i))) with Q. unfold b. ring.
    + exists i, (e * Q / fnorm X (h i)). split; [now left|]. rewrite Hg.
      set (a := e * Q / fnorm X (h i)). change (unit (w i) (v i)) with (h i). rewrite squared_shift. fold r.
      apply (Rmult_le_reg_l (fnorm X (h i))); [easy|]. eapply Rle_trans; [|eapply Rle_trans; [exact HT|]].
      * right. unfold T, a. field. lra.
      * right. unfold b. ring.
Qed.

(** T7 for units *)
Theorem U1_one_slot P P' j c e : (j < m)%nat -> joined (sublevel loss_of_units c) P P' ->
  (forall b s, outer_of P' j b s = 0) -> 0 <= e <= 1 ->
  squared X (fun k b => (1 - e) * units P' k b + e * reference k b) + e^2 * (unit_mass^2 - (fnorm X reference)^2)
    < loss_of_units P ->
  depth_at_most loss_of_units P (c - loss_of_units P).
Proof.
  intros Hj Hpath H0 He Hlow.
  destruct (unit_draw (fun k b => (1 - e) * units P' k b) e (proj1 He)) as (i & a & _ & Hdraw).
  set (P1 := swap P' j (w i)). set (P2 := mix P1 j e (fun b s => a * v i b s)).
  assert (E1 : units P1 = units P') by (unfold P1; rewrite <- (lin_1 P' (swap P' j (w i))); now apply swap_silent).
  assert (E2 : units P2 = fun k b => (1 - e) * units P' k b + a * unit (w i) (v i) k b).
  { apply matrix_ext; intros k b. rewrite <- E1. unfold units. rewrite <- lsum_scal.
    rewrite <- (lsum_delta m j (fun _ => a * unit (w i) (v i) k b) Hj), <- lsum_plus. apply lsum_ext; intros u _.
    rewrite (Nat.eqb_sym j u). unfold unit.
    assert (EW : inner_of P2 u = inner_of P1 u) by reflexivity. rewrite EW.
    destruct (Nat.eqb_spec u j) as [->|Hne].
    - rewrite <- !lsum_scal, <- lsum_plus. apply lsum_ext; intros s _.
      assert (EV : outer_of P2 j b s = a * v i b s) by (unfold P2, mix; unit_entries; now rewrite Nat.eqb_refl).
      assert (EV1 : outer_of P1 j b s = 0) by apply H0.
      assert (EI : inner_of P1 j = w i) by (unfold P1, swap; unit_entries; now rewrite Nat.eqb_refl).
      rewrite EV, EV1, EI. ring.
    - rewrite Rplus_0_r, <- lsum_scal. apply lsum_ext; intros s _.
      assert (EV : outer_of P2 u b s = (1 - e) * outer_of P1 u b s)
        by (unfold P2, mix; unit_entries; now rewrite (proj2 (Nat.eqb_neq u j) Hne)).
      rewrite EV. ring. }
  assert (HP' : loss_of_units P' <= c) by exact (joined_end _ _ _ Hpath).
  assert (HP : loss_of_units P <= c) by exact (joined_start _ _ _ Hpath).
  assert (Hend : loss_of_units P2 < loss_of_units P) by (unfold loss_of_units at 1; rewrite E2; lra).
  apply (joined_depth loss_of_units P P2); [|exact Hend].
  replace (loss_of_units P + (c - loss_of_units P)) with c by ring.
  apply (joined_trans _ _ P'); [easy|]. apply (joined_trans _ _ P1).
  - apply joined_line. intros t _. unfold sublevel, loss_of_units, P1. now rewrite swap_silent.
  - apply outer_line; [easy | unfold loss_of_units; now rewrite E1 | lra].
Qed.

(** the threshold (ii), which (i) implies ([T7_first_threshold]) *)
Theorem U1_threshold P P' j c K d : (j < m)%nat -> joined (sublevel loss_of_units c) P P' ->
  (forall b s, outer_of P' j b s = 0) -> loss_of_units P' <= loss_of_units P + d^2 ->
  unit_mass^2 - (fnorm X reference)^2 <= K^2 -> 0 <= K -> 0 <= d ->
  K * d < loss_of_units P - sqrt (loss_of_units P * squared X reference) ->
  depth_at_most loss_of_units P (c - loss_of_units P).
Proof.
  intros Hj Hpath H0 Hrise HvK HK Hd Hthr.
  destruct (Rlt_dec (loss_of_units P') (loss_of_units P)) as [Hlow|Hhigh].
  { apply (joined_depth loss_of_units P P'); [|easy].
    replace (loss_of_units P + (c - loss_of_units P)) with c by ring. exact Hpath. }
  apply Rnot_lt_le in Hhigh. set (g := reference) in *.
  assert (HL : 0 <= loss_of_units P) by apply squared_nonneg. pose proof (squared_nonneg X g) as HG.
  assert (HL' : 0 <= loss_of_units P') by apply squared_nonneg.
  rewrite sqrt_mult in Hthr by easy. pose proof (sqrt_pos (loss_of_units P)) as Hz.
  pose proof (sqrt_pos (squared X g)) as Hy.
  pose proof (pow2_sqrt _ HL) as Ez. pose proof (pow2_sqrt _ HG) as Ey. pose proof (pow2_sqrt _ HL') as Ex.
  assert (HKd : 0 <= K * d) by (now apply Rmult_le_pos).
  destruct (below_the_level (sqrt (loss_of_units P')) (sqrt (squared X g)) (sqrt (loss_of_units P)) K d)
    as (e & He & Hlow); try easy.
  - nra.
  - now apply sqrt_le_1_alt.
  - lra.
  - lra.
  - apply (U1_one_slot P P' j c e Hj Hpath H0 He). fold g.
    assert (Hmix : squared X (fun x a => (1 - e) * units P' x a + e * g x a)
      <= ((1 - e) * sqrt (loss_of_units P') + e * sqrt (squared X g))^2).
    { unfold loss_of_units. rewrite !sqrt_squared, squared_norm. apply pow_incr. split; [apply fnorm_nonneg|].
      replace (fun x a => (1 - e) * units P' x a + e * g x a - target X x a)
        with (fun x a => (1 - e) * (units P' x a - target X x a) + e * (g x a - target X x a))
        by (apply matrix_ext; intros; ring).
      apply (wnorm_convex _ _ (weight_fst X) e (fun kc => units P' (fst kc) (snd kc) - target X (fst kc) (snd kc))
        (fun kc => g (fst kc) (snd kc) - target X (fst kc) (snd kc)) He). }
    rewrite Ez in Hlow.
    assert (e^2 * (unit_mass^2 - (fnorm X g)^2) <= e^2 * K^2) by (apply Rmult_le_compat_l; [apply pow2_ge_0 | easy]).
    lra.
Qed.

(** C7 for units: "depth <= ||h_u||^2" for any unit, at any theta, above the threshold with that *)
Theorem U1_effect P j K : (j < m)%nat -> unit_mass^2 - (fnorm X reference)^2 <= K^2 -> 0 <= K ->
  K * fnorm X (unit (inner_of P j) (outer_of P j))
    < loss_of_units P - sqrt (loss_of_units P * squared X reference) ->
  depth_at_most loss_of_units P ((fnorm X (unit (inner_of P j) (outer_of P j)))^2).
Proof.
  intros Hj HvK HK Hthr. set (P' := mix P j 0 (fun _ _ => 0)). set (h := unit (inner_of P j) (outer_of P j)).
  assert (E : forall t, units (lin t P P') = fun k c => units P k c + (- t) * h k c).
  { intros t. apply matrix_ext; intros k c. unfold units.
    rewrite <- (lsum_delta m j (fun _ => - t * h k c) Hj), <- lsum_plus. apply lsum_ext; intros u _.
    rewrite (Nat.eqb_sym j u). unfold unit.
    assert (EW : inner_of (lin t P P') u = inner_of P u).
    { apply functional_extensionality; intros i. unfold P', mix; unit_entries. ring. }
    rewrite EW. destruct (Nat.eqb_spec u j) as [->|Hne].
    - unfold h, unit. rewrite <- lsum_scal, <- lsum_plus. apply lsum_ext; intros s _.
      unfold P', mix; unit_entries. rewrite Nat.eqb_refl. ring.
    - rewrite Rplus_0_r. apply lsum_ext; intros s _. unfold P', mix; unit_entries.
      rewrite (proj2 (Nat.eqb_neq u j) Hne). ring. }
  set (g := inner X (fun k c => units P k c - target X k c) h).
  assert (Hline : forall t, loss_of_units (lin t P P') = loss_of_units P - 2 * t * g + t^2 * (fnorm X h)^2).
  { intros t. unfold loss_of_units. rewrite E, squared_shift. fold g. ring. }
  destruct (Req_dec g 0) as [Eg|Eg].
  - (* stationary along h_j: emptying costs t^2 ||h_j||^2 *)
    replace ((fnorm X h)^2) with (loss_of_units P + (fnorm X h)^2 - loss_of_units P) by ring.
    apply (U1_threshold P P' j _ K (fnorm X h) Hj); try easy.
    + apply joined_line. intros t Ht. unfold sublevel. rewrite Hline, Eg. pose proof (pow2_ge_0 (fnorm X h)).
      assert (t^2 <= 1) by nra. nra.
    + intros; unfold P', mix; unit_entries; now rewrite Nat.eqb_refl.
    + rewrite <- (lin_1 P P'), Hline, Eg. lra.
    + apply fnorm_nonneg.
  - (* otherwise scaling lowers the loss at once *)
    pose proof (pow2_ge_0 (fnorm X h)) as Hh.
    apply (depth_at_most_mono _ _ 0); [easy|].
    set (n := (fnorm X h)^2) in *. set (s := g / (Rabs g + n + 1)).
    assert (Habs : 0 < Rabs g) by now apply Rabs_pos_lt.
    assert (Hden : 0 < Rabs g + n + 1) by lra.
    assert (Hs : s * (Rabs g + n + 1) = g) by (unfold s; field; lra).
    assert (Hsq : 0 < s^2) by (assert (s <> 0) by (intros Es; rewrite Es, Rmult_0_l in Hs; now symmetry in Hs); nra).
    assert (Hsg : 2 * s * g - s^2 * n > 0).
    { rewrite <- Hs at 1. replace (2 * s * (s * (Rabs g + n + 1)) - s^2 * n) with (s^2 * (2 * Rabs g + n + 2)) by ring.
      apply Rmult_lt_0_compat; lra. }
    apply (joined_depth loss_of_units P (lin s P P')); [|rewrite Hline; lra].
    rewrite Rplus_0_r. apply outer_line.
    + apply functional_extensionality; intros u. apply functional_extensionality; intros i.
      unfold P', mix; unit_entries. ring.
    + lra.
    + rewrite Hline. lra.
Qed.
End Units.

(** neurons: TWO-LAYER is the case of one feature, the rectified inner product *)
Definition relu_unit (X : data) (w : vector) (k : nat) : vector := fun _ => relu (dot X w (input X k)).
(** branches, each deep and of one architecture, the inner weights its own: U_b q_b(x) *)
Definition branch_unit (X : data) (B : branch) (weights : vector -> nat -> matrix) (w : vector) (k : nat) : vector :=
  act B (weights w) (input X k).

Theorem U1_neurons X l (w : matrix) (v : nat -> vector) :
  reference 1 (relu_unit X) l w (fun i c _ => v i c) = two_layer X l w v.
Proof.
  apply matrix_ext; intros k c. apply lsum_ext; intros i _. unfold unit, relu_unit. cbn [seq lsum]. ring.
Qed.

(** multi-branch networks: the reference is any sum of deep branches of the architecture B *)
Theorem U1_branches X m B weights P l (w : matrix) (v : nat -> matrix) j K :
  let phi := branch_unit X B weights in
  let loss := loss_of_units X m (branch_out B) phi in
  let g := reference (branch_out B) phi l w v in
  (j < m)%nat -> (unit_mass X (branch_out B) phi l w v)^2 - (fnorm X g)^2 <= K^2 -> 0 <= K ->
  K * fnorm X (unit (branch_out B) phi (inner_of P j) (outer_of P j)) < loss P - sqrt (loss P * squared X g) ->
  depth_at_most loss P ((fnorm X (unit (branch_out B) phi (inner_of P j) (outer_of P j)))^2).
Proof. intros phi loss g. apply U1_effect. Qed.
