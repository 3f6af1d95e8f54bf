(** R9 [ours; leaving out by the inverse Gram matrix is known] (blueprint-2, section 3), what C7's refit leaves: the path
    of readout lines and one silent load, whose maximum is at a corner; several neurons left out at once, by a block of
    the inverse Gram matrix; what a new row gains by its best readout, and that some row of a better g* gains much.

    Definitions: [zero_return], U = 0; [refitted], another V and U = 0; [reloaded], new rows; [block_inverse], N is the
    inverse of the block J of the inverse Gram matrix, whose columns are x_j; [taken], N V_J^T; [block_refit], V without
    J; [block_price], tr(V_J N V_J^T); [step], the change of V; [pull], E[R z] for the residual R = y - f, [row_power],
    E z^2, [row_gain], psi = ||E[R z]||^2/E z^2.
    Statements: R9. *)

From Coq Require Import Reals Lra Psatz List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths selection.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import readout losses slots smooth draw.
From Skipscape.theorems Require Import optimal leave_out.
Import ListNotations.
Open Scope R_scope.

Section Path.
Variables (X : data) (m : nat) (B : branch).
Notation net := (parallel X m B).
Notation loss P := (squared X (net P)).

Definition zero_return : matrix := fun _ _ => 0.
Definition refitted (P : param) (v : matrix) : param := readout P v zero_return.
Definition reloaded (P : param) (J : list nat) (w : matrix) : param := load P J w.

Lemma line_below P v u c t : 0 <= t <= 1 -> loss P <= c -> loss (readout P v u) <= c ->
  loss (lin t P (readout P v u)) <= c.
Proof.
  intros Ht H0 H1.
  replace (net (lin t P (readout P v u))) with (fun k o => (1 - t) * net P k o + t * net (readout P v u) k o)
    by (apply matrix_ext; intros; symmetry; apply L7_affine).
  eapply Rle_trans; [now apply (convex_max_at_ends _ (L7_squared X))|]. now apply Rmax_lub.
Qed.

(** "The loss on the path is at most its largest corner, so if the last corner is below L(theta), ..." *)
Theorem R9_path P v1 v2 v3 J w : (forall j, In j J -> forall c, v2 j c = 0) ->
  let P1 := refitted P v1 in let P2 := refitted P1 v2 in let P3 := reloaded P2 J w in let P4 := refitted P3 v3 in
  let top := Rmax (Rmax (loss P) (loss P1)) (Rmax (loss P2) (loss P4)) in
  loss P3 = loss P2 /\ joined (sublevel (fun T => loss T) top) P P4 /\
  (loss P4 < loss P -> depth_at_most (fun T => loss T) P (top - loss P)).
Proof.
  intros Hv P1 P2 P3 P4 top.
  assert (Hload : forall t, net (lin t P2 P3) = net P2).
  { intros t. apply L9_silent_off; [reflexivity | reflexivity | reflexivity|]. intros j _.
    destruct (in_dec Nat.eq_dec j J) as [Hj|Hj]; [left; intros c; now apply Hv|]. right. intros i.
    change (W P3 j i) with (if mem j J then w j i else W P2 j i). apply mem_false in Hj. now rewrite Hj. }
  assert (E3 : loss P3 = loss P2) by (rewrite <- (lin_1 P2 P3) at 1; now rewrite Hload).
  assert (T0 : loss P <= top) by (unfold top; eapply Rle_trans; [apply Rmax_l | apply Rmax_l]).
  assert (T1 : loss P1 <= top) by (unfold top; eapply Rle_trans; [apply Rmax_r | apply Rmax_l]).
  assert (T2 : loss P2 <= top) by (unfold top; eapply Rle_trans; [apply Rmax_l | apply Rmax_r]).
  assert (T4 : loss P4 <= top) by (unfold top; eapply Rle_trans; [apply Rmax_r | apply Rmax_r]).
  assert (HJ : joined (sublevel (fun T => loss T) top) P P4).
  { apply (joined_step _ P P1); [intros t Ht; now apply line_below|].
    apply (joined_step _ P1 P2); [intros t Ht; now apply line_below|].
    apply (joined_step _ P2 P3); [intros t Ht; unfold sublevel; now rewrite Hload|].
    apply joined_line. intros t Ht. apply line_below; [easy | now rewrite E3 | easy]. }
  split; [easy|]. split; [easy|]. intros Hb. apply (joined_depth (fun T => loss T) P P4); [|easy].
  replace (loss P + (top - loss P)) with top by ring. exact HJ.
Qed.

(** * Several neurons at once *)

Section Block.
Variables (P : param) (J : list nat) (x : nat -> vector) (N : matrix).
Hypothesis HN : NoDup J.
Hypothesis HJ : forall j, In j J -> (j < m)%nat.
Hypothesis Hx : forall j, In j J -> column X m P (x j) j.

Definition block_inverse : Prop := forall i j, In i J -> In j J ->
  \sum_(k in J) (x k i * N k j) = if Nat.eqb i j then 1 else 0.
Hypothesis Hinv : block_inverse.

Definition taken (k c : nat) : R := \sum_(j in J) (N k j * V P j c).
Definition block_refit (i c : nat) : R := if mem i J then 0 else V P i c - \sum_(k in J) (x k i * taken k c).
Definition block_price : R := \sum_(c < outputs X) \sum_(k in J) \sum_(j in J) (N k j * (V P j c * V P k c)).

Lemma taken_back i c : In i J -> \sum_(k in J) (x k i * taken k c) = V P i c.
Proof.
  intros Hi. unfold taken.
  rewrite (lsum_ext _ _ (fun k => \sum_(j in J) (x k i * N k j * V P j c)))
    by (intros k _; rewrite <- lsum_scal; apply lsum_ext; intros; ring).
  rewrite lsum_swap, (lsum_ext _ _ (fun j => if Nat.eqb i j then V P j c else 0)).
  - rewrite (lsum_ext _ _ (fun j => if mem j [i] then V P j c else 0)).
    + rewrite lsum_filter. assert (Hone : forall L, NoDup L -> In i L ->
        lsum (filter (fun j => mem j [i]) L) (fun j => V P j c) = V P i c).
      { induction L as [|a L IH]; [easy|]. intros Hd [->|Hin].
        - cbn [filter]. replace (mem i [i]) with true by (symmetry; apply mem_In; now left). cbn [lsum].
          inversion_clear Hd as [|? ? Hni Hd']. replace (filter (fun j => mem j [i]) L) with (@nil nat); [simpl; ring|].
          symmetry. clear IH Hd'. induction L as [|b L IH]; [easy|]. cbn [filter].
          replace (mem b [i]) with false; [apply IH; intros H; apply Hni; now right|].
          symmetry. apply mem_false. intros [E|[]]. apply Hni. left. congruence.
        - inversion_clear Hd as [|? ? Hni Hd']. cbn [filter].
          replace (mem a [i]) with false; [now apply IH|]. symmetry. apply mem_false. intros [E|[]]. apply Hni. congruence. }
      now apply Hone.
    + intros j _. destruct (Nat.eqb_spec i j) as [<-|E].
      * replace (mem i [i]) with true by (symmetry; apply mem_In; now left). easy.
      * replace (mem j [i]) with false; [easy|]. symmetry. apply mem_false. intros [E'|[]]. congruence.
  - intros j Hj. rewrite lsum_scal_r, (Hinv i j Hi Hj). destruct (Nat.eqb i j); ring.
Qed.

Notation z k i := (feature X P k i).
(** sum_k y_k (x_k.z), against any combination of the features *)
Lemma block_inner (u : matrix) : inner X (fun n c => \sum_(k in J) (taken k c * \sum_(i < m) (x k i * z n i)))
    (fun n c => \sum_(i < m) (u i c * z n i)) = \sum_(c < outputs X) \sum_(k in J) (taken k c * u k c).
Proof.
  unfold inner. rewrite (lsum_ext _ _ (fun n => \sum_(c < outputs X) \sum_(k in J) (taken k c *
    (weight X n * (\sum_(i < m) (x k i * z n i) * \sum_(i < m) (u i c * z n i)))))).
  - rewrite lsum_swap. apply lsum_ext; intros c _. rewrite lsum_swap. apply lsum_ext; intros k Hk.
    rewrite lsum_scal. f_equal. apply (column_form X m P (x k) k (fun i => u i c)); [now apply HJ | now apply Hx].
  - intros n _. rewrite <- lsum_scal. apply lsum_ext; intros c _. rewrite <- lsum_scal_r, <- lsum_scal.
    apply lsum_ext; intros k _. ring.
Qed.

Definition step (i c : nat) : R := - \sum_(k in J) (x k i * taken k c).

Lemma step_effect n c : \sum_(i < m) (step i c * z n i)
  = (-1) * \sum_(k in J) (taken k c * \sum_(i < m) (x k i * z n i)).
Proof.
  rewrite <- lsum_scal. rewrite (lsum_ext (seq 0 m) _ (fun i => \sum_(k in J) (- (taken k c * (x k i * z n i))))).
  - rewrite lsum_swap. apply lsum_ext; intros k _. rewrite <- !lsum_scal. apply lsum_ext; intros; ring.
  - intros i _. unfold step.
    replace (- \sum_(k in J) (x k i * taken k c) * z n i) with (\sum_(k in J) (x k i * taken k c) * - z n i) by ring.
    rewrite <- lsum_scal_r. apply lsum_ext; intros; ring.
Qed.

Lemma step_square : (fnorm X (fun n c => \sum_(i < m) (step i c * z n i)))^2 = block_price.
Proof.
  rewrite <- inner_self.
  replace (inner X (fun n c => \sum_(i < m) (step i c * z n i)) (fun n c => \sum_(i < m) (step i c * z n i)))
    with ((-1) * inner X (fun n c => \sum_(k in J) (taken k c * \sum_(i < m) (x k i * z n i)))
      (fun n c => \sum_(i < m) (step i c * z n i))).
  - rewrite block_inner. unfold block_price. rewrite <- lsum_scal. apply lsum_ext; intros c _.
    rewrite <- lsum_scal. apply lsum_ext; intros k Hk. unfold step. rewrite (taken_back k c Hk). unfold taken.
    replace (-1 * (\sum_(j in J) (N k j * V P j c) * - V P k c)) with (\sum_(j in J) (N k j * V P j c) * V P k c) by ring.
    rewrite <- lsum_scal_r. apply lsum_ext; intros; ring.
  - rewrite <- inner_scal_l. f_equal. apply matrix_ext; intros n c. symmetry. apply step_effect.
Qed.

(** "leaving J out costs exactly tr(V_J ([Gram^-1]_JJ)^-1 V_J^T)", and no other V with V_J = 0 costs less *)
Theorem R9_block : optimal_readout X m B P ->
  (forall i, In i J -> forall c, block_refit i c = 0) /\
  loss (readout P block_refit (U P)) = loss P + block_price /\
  (forall v, (forall i, In i J -> forall c, v i c = 0) -> loss P + block_price <= loss (readout P v (U P))).
Proof.
  intros Ho. split; [|split].
  - intros i Hi c. unfold block_refit. apply mem_In in Hi. now rewrite Hi.
  - rewrite (optimal_change X m B P _ Ho). f_equal. rewrite <- step_square. do 2 f_equal. apply matrix_ext; intros n c.
    apply lsum_ext; intros i _. f_equal. unfold block_refit, step. destruct (in_dec Nat.eq_dec i J) as [Hi|Hi].
    + rewrite (taken_back i c Hi). apply mem_In in Hi. rewrite Hi. ring.
    + apply mem_false in Hi. rewrite Hi. ring.
  - intros v Hv. rewrite (optimal_change X m B P v Ho). apply Rplus_le_compat_l.
    set (u := fun i c => v i c - V P i c - step i c).
    replace (fun n c => \sum_(i < m) ((v i c - V P i c) * z n i))
      with (fun n c => \sum_(i < m) (step i c * z n i) + 1 * \sum_(i < m) (u i c * z n i)).
    + rewrite fnorm_shift, step_square.
      replace (inner X (fun n c => \sum_(i < m) (step i c * z n i)) (fun n c => \sum_(i < m) (u i c * z n i))) with 0.
      * pose proof (pow2_ge_0 (fnorm X (fun n c => \sum_(i < m) (u i c * z n i)))). lra.
      * replace (fun n c => \sum_(i < m) (step i c * z n i))
          with (fun n c => (-1) * \sum_(k in J) (taken k c * \sum_(i < m) (x k i * z n i)))
          by (apply matrix_ext; intros; symmetry; apply step_effect).
        rewrite inner_scal_l, block_inner, lsum_zero; [ring|]. intros c _. apply lsum_zero; intros k Hk.
        unfold u, step. rewrite (taken_back k c Hk), (Hv k Hk). ring.
    + apply matrix_ext; intros n c. rewrite Rmult_1_l, <- lsum_plus. apply lsum_ext; intros i _. unfold u. ring.
Qed.
End Block.
End Path.

(** * What a new row gains *)

Section Row.
Variables (X : data) (f : nat -> vector).

Definition pull (z : nat -> R) (c : nat) : R := \sum_(k < points X) (weight X k * ((target X k c - f k c) * z k)).
Definition row_power (z : nat -> R) : R := \sum_(k < points X) (weight X k * (z k)^2).
Definition row_gain (z : nat -> R) : R := (enorm (outputs X) (pull z))^2 / row_power z.

Lemma added_row (v : vector) z : squared X (fun k c => f k c + 1 * (v c * z k))
  = squared X f - 2 * \sum_(c < outputs X) (v c * pull z c) + (enorm (outputs X) v)^2 * row_power z.
Proof.
  rewrite squared_shift. set (g := fun k c => v c * z k).
  assert (E1 : inner X (fun k c => f k c - target X k c) g = - \sum_(c < outputs X) (v c * pull z c)).
  { unfold inner, pull, g.
    rewrite (lsum_ext _ _ (fun k => \sum_(c < outputs X) ((-1) * (v c * (weight X k * ((target X k c - f k c) * z k))))))
      by (intros k _; rewrite <- lsum_scal; apply lsum_ext; intros; ring).
    rewrite lsum_swap.
    rewrite (lsum_ext _ _ (fun c => (-1) * (v c * \sum_(k < points X) (weight X k * ((target X k c - f k c) * z k)))))
      by (intros c _; now rewrite !lsum_scal).
    rewrite lsum_scal. ring. }
  assert (E2 : (fnorm X g)^2 = (enorm (outputs X) v)^2 * row_power z).
  { unfold fnorm. rewrite l2norm_sq, enorm_sq. unfold row_power, g. rewrite <- lsum_scal. apply lsum_ext; intros k _.
    rewrite (lsum_ext _ _ (fun c => (v c)^2 * (z k)^2)) by (intros; ring). rewrite lsum_scal_r. ring. }
  rewrite E1, E2. ring.
Qed.

(** "The best readout of a new row w gains psi(w)": it gains so much, and no readout of this row gains more *)
Theorem R9_gain z : 0 < row_power z ->
  squared X (fun k c => f k c + 1 * (pull z c / row_power z * z k)) = squared X f - row_gain z /\
  forall v, squared X f - row_gain z <= squared X (fun k c => f k c + 1 * (v c * z k)).
Proof.
  intros Hb. set (b := row_power z) in *. unfold row_gain. fold b. split.
  - rewrite (added_row (fun c => pull z c / b) z). fold b.
    rewrite (enorm_ext _ _ (fun c => / b * pull z c)) by (intros; unfold Rdiv; ring).
    rewrite enorm_scal_pos by (left; now apply Rinv_0_lt_compat).
    rewrite (lsum_ext _ _ (fun c => / b * (pull z c)^2)) by (intros; unfold Rdiv; ring).
    rewrite lsum_scal, <- enorm_sq. field. lra.
  - intros v. rewrite added_row. fold b.
    pose proof (inner_le_norms (outputs X) v (pull z)) as H.
    set (e := enorm (outputs X) v) in *. set (p := enorm (outputs X) (pull z)) in *.
    assert (Hs : 0 <= b * (e - p / b)^2) by (apply Rmult_le_pos; [lra | apply pow2_ge_0]).
    assert (Es : b * (e - p / b)^2 = e^2 * b - 2 * (e * p) + p^2 / b) by (field; lra). lra.
Qed.

(** "if <R, f'> = 0, then sup psi >= L' (sqrt L' - sqrt L-star)^2/H-star^2": some row of g* does it *)
Theorem R9_least l w v : inner X (fun k c => f k c - target X k c) f = 0 ->
  squared X (two_layer X l w v) <= squared X f -> 0 < effect_mass X l w v ->
  exists i, (i < l)%nat /\ let z := fun k => relu (dot X (w i) (input X k)) in 0 < row_power z /\
    squared X f * (sqrt (squared X f) - sqrt (squared X (two_layer X l w v)))^2 / (effect_mass X l w v)^2 <= row_gain z.
Proof.
  intros Hort Hbetter HH. set (g := two_layer X l w v) in *. set (H := effect_mass X l w v) in *.
  set (R0 := fun k c => f k c - target X k c) in *. set (a := sqrt (squared X f)). set (b := sqrt (squared X g)).
  (* <-R, g> is large *)
  assert (Ef : fnorm X R0 = a).
  { unfold a. rewrite squared_norm. rewrite sqrt_pow2; [reflexivity | apply fnorm_nonneg]. }
  assert (Eg : fnorm X (fun k c => g k c - target X k c) = b).
  { unfold b. rewrite squared_norm. rewrite sqrt_pow2; [reflexivity | apply fnorm_nonneg]. }
  assert (Ha : 0 <= a) by apply sqrt_pos. assert (Hb0 : 0 <= b) by apply sqrt_pos.
  assert (Hab : b <= a) by (apply sqrt_le_1_alt; easy).
  assert (HG : inner X R0 g <= - (a * (a - b))).
  { pose proof (inner_le X R0 (fun k c => g k c - target X k c)) as Hle. rewrite Ef, Eg in Hle.
    assert (E : inner X R0 (fun k c => g k c - target X k c) = inner X R0 g + (fnorm X R0)^2).
    { rewrite <- inner_self.
      replace (fun k c => g k c - target X k c) with (fun k c => (g k c + (-1) * f k c) + R0 k c)
        by (apply matrix_ext; intros; unfold R0; ring).
      rewrite (inner_plus X R0 (fun k c => g k c + (-1) * f k c) R0), (inner_plus X R0 g), inner_scal, Hort. ring. }
    rewrite E, Ef in Hle. nra. }
  destruct (some_below_mean l (fun i => fnorm X (unit_effect X w v i)) (fun i => inner X R0 (unit_effect X w v i))
    (- (a * (a - b)) / H)) as (i & Hi & Hq & Hmean).
  - intros; apply fnorm_nonneg.
  - intros i _ E. now apply inner_null.
  - exact HH.
  - change (\sum_(i < l) fnorm X (unit_effect X w v i)) with H. rewrite <- inner_sum.
    replace (H * (- (a * (a - b)) / H)) with (- (a * (a - b))) by (field; lra).
    unfold g in HG. rewrite (two_layer_units X l w v) in HG. exact HG.
  - exists i. split; [easy|]. cbv zeta. set (z := fun k => relu (dot X (w i) (input X k))).
    set (q := fnorm X (unit_effect X w v i)) in *. set (n := enorm (outputs X) (v i)).
    assert (Eq : q^2 = n^2 * row_power z).
    { unfold q, fnorm. rewrite l2norm_sq. unfold n. rewrite enorm_sq. unfold row_power. rewrite <- lsum_scal.
      apply lsum_ext; intros k _. unfold unit_effect, z.
      rewrite (lsum_ext _ _ (fun c => (v i c)^2 * (relu (dot X (w i) (input X k)))^2)) by (intros; ring).
      rewrite lsum_scal_r. ring. }
    assert (Hp : 0 < row_power z) by (pose proof (pow2_ge_0 n); nra).
    split; [easy|].
    assert (Ei : inner X R0 (unit_effect X w v i) = - \sum_(c < outputs X) (v i c * pull z c)).
    { unfold inner, pull, unit_effect, R0. fold z.
      rewrite (lsum_ext _ _ (fun k => \sum_(c < outputs X) ((-1) * (v i c * (weight X k * ((target X k c - f k c) * z k))))))
        by (intros k _; rewrite <- lsum_scal; apply lsum_ext; intros; unfold z; ring).
      rewrite lsum_swap.
      rewrite (lsum_ext _ _ (fun c => (-1) * (v i c * \sum_(k < points X) (weight X k * ((target X k c - f k c) * z k)))))
        by (intros c _; now rewrite !lsum_scal).
      rewrite lsum_scal. ring. }
    pose proof (inner_le_norms (outputs X) (v i) (pull z)) as Hcs. fold n in Hcs.
    set (p := enorm (outputs X) (pull z)) in *. unfold row_gain. fold p. set (r := row_power z) in *.
    assert (Hn : 0 <= n) by apply enorm_nonneg. assert (Hp0 : 0 <= p) by apply enorm_nonneg.
    assert (Hlow : q * (a * (a - b)) <= n * p * H).
    { rewrite Ei in Hmean. apply (Rmult_le_compat_r H) in Hmean; [|lra].
      replace (q * (- (a * (a - b)) / H) * H) with (- (q * (a * (a - b)))) in Hmean by (field; lra). nra. }
    assert (Hn0 : 0 < n^2) by nra.
    replace (squared X f) with (a^2) by (unfold a; rewrite pow2_sqrt; [reflexivity | apply squared_nonneg]).
    apply (Rmult_le_reg_r (H^2 * r)); [apply Rmult_lt_0_compat; nra|].
    replace (a^2 * (a - b)^2 / H^2 * (H^2 * r)) with ((a * (a - b))^2 * r) by (field; lra).
    replace (p^2 / r * (H^2 * r)) with ((p * H)^2) by (field; lra).
    apply (Rmult_le_reg_l (n^2)); [easy|].
    replace (n^2 * ((a * (a - b))^2 * r)) with ((q * (a * (a - b)))^2) by (rewrite Rpow_mult_distr, Eq; ring).
    replace (n^2 * (p * H)^2) with ((n * p * H)^2) by ring. apply pow_incr. split; [|exact Hlow].
    apply Rmult_le_pos; [lra|]. apply Rmult_le_pos; lra.
Qed.
End Row.
