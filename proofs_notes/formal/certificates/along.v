(** A segment on which what neurons send moves, V and (A, a), and nothing else: every first unit of the branch then is
    between its values at the two ends, and so are bounds of all that comes after it. What is computed on a sample are
    numbers that |f - y| does not exceed anywhere on the segment.

    Definitions: [between], an interval of integers holds a real number times a power of two, [positive], the ReLU of
    one; [reach_row], a row with its bias applied to intervals; [reach_through], intervals through layers; [sle], the
    order of numbers with exponents, [smin], [smax], the smaller and the larger; [senders_move], only V and (A, a)
    differ, and A's arrays have one form; [first_unit], what enters a unit of the branch; [reach], the bounds of
    |f - y| at one point.
    Statements: none; reach_ok says what they bound. *)

From Coq Require Import Reals Lra Psatz List Arith Bool Lia ZArith FunctionalExtensionality Sint63.
From Skipscape.base Require Import sums relu paths.
From Skipscape.networks Require Import networks deep.
From Skipscape.certificates Require Import numbers evaluate liveness.
Import ListNotations.
Open Scope R_scope.

Definition sle (a b : scaled) : bool := let e := Nat.max (snd a) (snd b) in Z.leb (lift a e) (lift b e).
Definition smin (a b : scaled) : scaled := if sle a b then a else b.
Definition smax (a b : scaled) : scaled := if sle a b then b else a.

Lemma lift_order a b : let e := Nat.max (snd a) (snd b) in
  sval a = IZR (lift a e) / 2 ^ e /\ sval b = IZR (lift b e) / 2 ^ e.
Proof. intros e. rewrite !lift_ok by (unfold e; lia). easy. Qed.

Lemma sle_ok a b : sle a b = true -> sval a <= sval b.
Proof.
  intros H. destruct (lift_order a b) as [-> ->]. apply Z.leb_le, IZR_le in H.
  apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat, two_power_pos | easy].
Qed.

Lemma sle_not a b : sle a b = false -> sval b <= sval a.
Proof.
  intros H. destruct (lift_order a b) as [-> ->]. apply Z.leb_gt, IZR_lt in H.
  apply Rmult_le_compat_r; [left; apply Rinv_0_lt_compat, two_power_pos | lra].
Qed.

Lemma smin_le a b : sval (smin a b) <= sval a /\ sval (smin a b) <= sval b.
Proof. unfold smin. destruct (sle a b) eqn:E; [apply sle_ok in E | apply sle_not in E]; lra. Qed.

Lemma smax_ge a b : sval a <= sval (smax a b) /\ sval b <= sval (smax a b).
Proof. unfold smax. destruct (sle a b) eqn:E; [apply sle_ok in E | apply sle_not in E]; lra. Qed.

(** * Intervals through layers *)

Definition between (i : Z * Z) (x : R) : Prop := IZR (fst i) <= x <= IZR (snd i).

Fixpoint reach_row (r : list Z) (l : list (Z * Z)) (one : Z) : Z * Z :=
  match r, l with
  | w :: r', (low, high) :: l' => let rest := reach_row r' l' one in
      if Z.leb 0 w then (w * low + fst rest, w * high + snd rest)%Z else (w * high + fst rest, w * low + snd rest)%Z
  | b :: _, nil => (b * one, b * one)%Z
  | nil, _ => (0, 0)%Z
  end.

Lemma reach_row_ok l : forall r one (x : nat -> R), (forall i, (i < length l)%nat -> between (nth i l (0, 0)%Z) (x i)) ->
  between (reach_row r l one) (\sum_(i < length l) (IZR (nth i r 0%Z) * x i) + IZR (nth (length l) r 0%Z) * IZR one).
Proof.
  induction l as [|[low high] l IH]; intros [|w r] one x Hx; unfold between in *; cbn [reach_row length nth].
  - simpl. lra.
  - simpl. rewrite mult_IZR. lra.
  - rewrite lsum_zero by (intros [|i] _; simpl; ring). simpl. lra.
  - rewrite lsum_first. cbn [nth].
    specialize (IH r one (fun i => x (S i)) (fun i Hi => Hx (S i) (proj1 (Nat.succ_lt_mono i (length l)) Hi))).
    specialize (Hx O (Nat.lt_0_succ _)). cbn [nth fst snd] in Hx.
    destruct (Z.leb 0 w) eqn:Ew; cbn [fst snd]; rewrite !plus_IZR, !mult_IZR.
    + apply Z.leb_le, IZR_le in Ew. nra.
    + apply Z.leb_gt, IZR_lt in Ew. nra.
Qed.

Definition positive (i : Z * Z) : Z * Z := (Z.max 0 (fst i), Z.max 0 (snd i)).
Fixpoint reach_through (layers : list (nat * list (list Z))) (l : list (Z * Z)) (e : nat) : list (Z * Z) * nat :=
  match layers with
  | nil => (l, e)
  | (shift, matrix) :: rest => let one := Z.shiftl 1 (Z.of_nat e) in
      reach_through rest (map (fun r => positive (reach_row r l one)) matrix) (shift + e)
  end.

Lemma positive_ok i e x : between i (x * 2 ^ e) -> between (positive i) (relu x * 2 ^ e).
Proof.
  pose proof (two_power_pos e) as H. unfold between, positive, relu; cbn [fst snd]. intros [H1 H2].
  assert (E : forall z, IZR (Z.max 0 z) = Rmax 0 (IZR z)).
  { intros z. destruct (Z.max_spec 0 z) as [[Hz ->]|[Hz ->]].
    - apply IZR_lt in Hz. now rewrite Rmax_right by lra.
    - apply IZR_le in Hz. now rewrite Rmax_left by lra. }
  rewrite !E. destruct (Rle_dec 0 x) as [Hx|Hx].
  - rewrite (Rmax_right 0 x) by easy. assert (0 <= x * 2 ^ e) by (apply Rmult_le_pos; lra).
    split; [apply Rmax_lub; lra | eapply Rle_trans; [exact H2 | apply Rmax_r]].
  - rewrite (Rmax_left 0 x) by lra. assert (x * 2 ^ e <= 0) by (apply Rlt_le; rewrite <- (Rmult_0_l (2 ^ e)); apply Rmult_lt_compat_r; lra).
    rewrite Rmult_0_l. split; [apply Rmax_lub; lra | apply Rmax_l].
Qed.

Lemma reach_layer a s n l e (x : vector) : length l = n ->
  (forall i, (i < n)%nat -> between (nth i l (0, 0)%Z) (x i * 2 ^ e)) ->
  between (reach_row (integers (base a) (nth s (rows a) nil) (S n)) l (Z.shiftl 1 (Z.of_nat e)))
    ((\sum_(i < n) (entry a s i * x i) + entry a s n) * 2 ^ (point a + e)).
Proof.
  intros <- Hx.
  pose proof (reach_row_ok l (integers (base a) (nth s (rows a) nil) (S (length l))) (Z.shiftl 1 (Z.of_nat e)) _ Hx) as H.
  rewrite one_ok, nth_integers in H by lia.
  replace ((\sum_(i < length l) (entry a s i * x i) + entry a s (length l)) * 2 ^ (point a + e)) with
    (\sum_(i < length l) (IZR (nth i (integers (base a) (nth s (rows a) nil) (S (length l))) 0%Z) * (x i * 2 ^ e)) +
     IZR (digits (base a) (nth s (rows a) nil) (length l)) * 2 ^ e); [exact H|].
  rewrite Rmult_plus_distr_r, <- lsum_scal_r. f_equal.
  - apply lsum_ext. intros i Hi. apply in_rng in Hi. rewrite nth_integers by lia. unfold entry. rewrite pow_add.
    field. apply Rgt_not_eq, two_power_pos.
  - unfold entry. rewrite pow_add. field. apply Rgt_not_eq, two_power_pos.
Qed.

Lemma reach_through_ok widths : forall n inner l e (x : vector), length l = n ->
  (forall i, (i < n)%nat -> between (nth i l (0, 0)%Z) (x i * 2 ^ e)) ->
  length (fst (reach_through (layers_of n widths inner) l e)) = last widths n /\
  forall s, (s < last widths n)%nat -> between (nth s (fst (reach_through (layers_of n widths inner) l e)) (0, 0)%Z)
    (forward n widths (fun d j i => entry (nth d inner no_array) j i) x s
     * 2 ^ snd (reach_through (layers_of n widths inner) l e)).
Proof.
  induction widths as [|h rest IH]; intros n inner l e x Hl Hx; [now split|].
  rewrite last_cons_width. cbn [layers_of reach_through forward]. rewrite map_map.
  set (a := hd no_array inner). set (one := Z.shiftl 1 (Z.of_nat e)).
  set (row_of := fun s => positive (reach_row (integers (base a) (nth s (rows a) nil) (S n)) l one)).
  assert (Ea : forall j i, entry (nth O inner no_array) j i = entry a j i) by (destruct inner; reflexivity).
  specialize (IH h (tl inner) (map row_of (seq 0 h)) (point a + e)%nat
    (layer n (fun j i => entry (nth O inner no_array) j i) x)).
  replace (fun d => (fun d0 j i => entry (nth d0 inner no_array) j i) (S d))
    with (fun d j i => entry (nth d (tl inner) no_array) j i) by (now destruct inner; [extensionality d; destruct d|]).
  apply IH; [now rewrite map_length, seq_length|]. intros i Hi.
  rewrite (nth_indep _ (0, 0)%Z (row_of O)) by (now rewrite map_length, seq_length).
  rewrite (map_nth row_of (seq 0 h) O i), seq_nth by easy. cbn [plus].
  unfold row_of. unfold layer. rewrite Ea. rewrite (lsum_ext _ _ (fun k => entry a i k * x k)) by (intros; now rewrite Ea).
  apply positive_ok, reach_layer; easy.
Qed.

(** * The segment on one sample *)

Definition senders_move (c d : corner) : bool :=
  (list_eqb Nat.eqb (chosen c) (chosen d) && list_eqb array_eqb (inside c) (inside d) &&
   array_eqb (out_of_branch c) (out_of_branch d) && same_form (into_branch c) (into_branch d))%bool.

Definition first_unit (m : nat) (bits : Z) (e : nat) (a : array) (z : row) (s : nat) : Z :=
  let r := nth s (rows a) nil in (exact_dot (base a) bits r z + Z.shiftl (digits (base a) r m) (Z.of_nat e))%Z.

Definition reach (m p r : nat) (widths : list nat) (bits : Z) (e : nat) (shift : nat) (c d : corner) : row -> list Z -> list scaled :=
  let u := out_of_branch c in
  let us := map (fun k => integers (base u) (nth k (rows u) nil) (S (last widths r))) (seq 0 p) in
  let layers := layers_of r widths (inside c) in
  fun z y =>
    let first := map (fun s => let a := first_unit m bits e (into_branch c) z s in
      let b := first_unit m bits e (into_branch d) z s in positive (Z.min a b, Z.max a b)) (seq 0 r) in
    let '(units, f) := reach_through layers first (point (into_branch c) + e) in
    let one := Z.shiftl 1 (Z.of_nat f) in
    let sent := fun (v : array) k => (exact_dot (base v) bits (nth k (rows v) nil) z, (point v + e)%nat) in
    map (fun kuy => let '(k, (uk, yk)) := kuy in
      let a := sent (into_outputs c) k in let b := sent (into_outputs d) k in
      let deep_part := reach_row uk units one in
      let target_part := ((- yk)%Z, shift) in
      let low := sadd (sadd (smin a b) (fst deep_part, (point u + f)%nat)) target_part in
      let high := sadd (sadd (smax a b) (snd deep_part, (point u + f)%nat)) target_part in
      smax ((- fst low)%Z, snd low) high)
      (combine (seq 0 p) (combine us y)).

Lemma combine_self {I J : Type} (f : I -> J) l : combine l (map f l) = map (fun i => (i, f i)) l.
Proof. induction l as [|i l IH]; [easy|]. simpl. now rewrite IH. Qed.

Section Reach.
Variables (N D p m r : nat) (widths : list nat) (X Y : array) (bank : list array) (c d : corner).
Variables (bits : Z) (e shift k : nat) (z : row) (y : list Z) (zb vc vd ac ad : int) (t : R).
Notation given := (data_of N D p X Y).
Notation branch_of := (biased_branch r widths).
Notation here := (network bank m c).
Notation there := (network bank m d).
Hypothesis z_length : forall q, In q z -> (length q <= m)%nat.
Hypothesis z_small : small zb z = true.
Hypothesis vc_fits : fits m vc zb = true.
Hypothesis vd_fits : fits m vd zb = true.
Hypothesis ac_fits : fits m ac zb = true.
Hypothesis ad_fits : fits m ad zb = true.
Hypothesis vc_small : forallb (small vc) (rows (into_outputs c)) = true.
Hypothesis vd_small : forallb (small vd) (rows (into_outputs d)) = true.
Hypothesis ac_small : forallb (small ac) (rows (into_branch c)) = true.
Hypothesis ad_small : forallb (small ad) (rows (into_branch d)) = true.
Hypothesis z_feature : forall j, (j < m)%nat -> IZR (digits bits z j) / 2 ^ e = feature given here k j.
Hypothesis y_target : forall o, (o < p)%nat -> IZR (nth o y 0%Z) / 2 ^ shift = target given k o.
Hypothesis y_length : length y = p.
Hypothesis moves : senders_move c d = true.
Hypothesis on_segment : 0 <= t <= 1.

Lemma senders_parts : chosen c = chosen d /\ inside c = inside d /\ out_of_branch c = out_of_branch d /\
  point (into_branch c) = point (into_branch d).
Proof.
  unfold senders_move in moves. rewrite !andb_true_iff in moves. destruct moves as [[[H1 H2] H3] H4].
  apply (list_eqb_ok _ (fun a b => proj1 (Nat.eqb_eq a b))) in H1. apply (list_eqb_ok _ array_eqb_ok) in H2.
  apply array_eqb_ok in H3. apply same_form_ok in H4. now repeat split.
Qed.

Lemma feature_along s : feature given (lin s here there) k = feature given here k.
Proof.
  apply functional_extensionality. intros j. apply feature_ext. intros i. unfold network; entries.
  rewrite <- (proj1 senders_parts). ring.
Qed.

Lemma sum_read a bound o : fits m bound zb = true -> forallb (small bound) (rows a) = true ->
  sval (exact_dot (base a) bits (nth o (rows a) nil) z, (point a + e)%nat) = \sum_(j < m) (entry a o j * feature given here k j).
Proof.
  intros Hf Ha. unfold sval; cbn [fst snd].
  now rewrite (reads_features N D p m X Y bank c bits e k z zb z_length z_small z_feature a bound o Hf Ha).
Qed.

Lemma first_unit_ok a bound s : fits m bound zb = true -> forallb (small bound) (rows a) = true ->
  IZR (first_unit m bits e a z s) = (\sum_(j < m) (entry a s j * feature given here k j) + entry a s m) * 2 ^ (point a + e).
Proof.
  intros Hf Ha. rewrite <- (sum_read a bound s Hf Ha). unfold sval, first_unit; cbn [fst snd].
  rewrite plus_IZR, Z.shiftl_mul_pow2 by lia. rewrite mult_IZR, <- pow_IZR. unfold entry. rewrite pow_add.
  field. split; apply Rgt_not_eq, two_power_pos.
Qed.

Lemma reach_ok : exists g, reach m p r widths bits e shift c d z y = map g (seq 0 p) /\ forall o, (o < p)%nat ->
  Rabs (parallel given m branch_of (lin t here there) k o - target given k o) <= sval (g o).
Proof.
  destruct senders_parts as (Ech & Ein & EU & Ept). unfold reach.
  set (u := out_of_branch c). set (h := last widths r).
  set (first := map _ (seq 0 r)).
  destruct (reach_through _ first _) as [units f] eqn:E.
  eexists. split.
  { rewrite <- (list_of_places y p y_length) at 1. rewrite combine_maps, combine_self, map_map. reflexivity. }
  intros o Ho. cbv beta. set (low := sadd (sadd (smin _ _) _) _). set (high := sadd (sadd (smax _ _) _) _).
  assert (H : sval low <= parallel given m branch_of (lin t here there) k o - target given k o <= sval high).
  { set (x := fun a => relu (reading given m (lin t here there) k a + ((1 - t) * entry (into_branch c) a m + t * entry (into_branch d) a m))).
    destruct (reach_through_ok widths r (inside c) first (point (into_branch c) + e) x) as [Hlen Hval].
    - unfold first. now rewrite map_length, seq_length.
    - intros i Hi. unfold first. match goal with |- context [map ?F (seq 0 r)] => set (g := F) end.
      rewrite (nth_indep _ (0, 0)%Z (g O)) by (now rewrite map_length, seq_length).
      rewrite (map_nth g (seq 0 r) O i), seq_nth by easy. cbn [plus]. unfold g. apply positive_ok.
      pose proof (first_unit_ok (into_branch c) ac i ac_fits ac_small) as H1.
      pose proof (first_unit_ok (into_branch d) ad i ad_fits ad_small) as H2. rewrite <- Ept in H2.
      set (a := first_unit m bits e (into_branch c) z i) in *. set (b := first_unit m bits e (into_branch d) z i) in *.
      replace (_ * 2 ^ _) with ((1 - t) * IZR a + t * IZR b).
      + unfold between; cbn [fst snd].
        destruct (Z.min_spec a b) as [[L ->]|[L ->]], (Z.max_spec a b) as [[L' ->]|[L' ->]];
          try lia; first [apply IZR_lt in L | apply IZR_le in L]; nra.
      + rewrite H1, H2. unfold reading. rewrite feature_along.
        rewrite (lsum_ext _ (fun j => A (lin t here there) j i * feature given here k j)
          (fun j => (1 - t) * (entry (into_branch c) i j * feature given here k j)
            + t * (entry (into_branch d) i j * feature given here k j))).
        2: { intros j _. change (A (lin t here there) j i) with
               ((1 - t) * entry (into_branch c) i j + t * entry (into_branch d) i j). ring. }
        rewrite lsum_lin. ring.
    - rewrite E in Hlen, Hval. cbn [fst snd] in Hlen, Hval.
      pose proof (reach_layer u o h units f _ Hlen Hval) as Hdeep. fold h in Hdeep.
      set (i := reach_row _ _ _) in *.
      set (value := \sum_(s < h) _ + _) in Hdeep.
      assert (Edeep : deep given m branch_of (lin t here there) k o = value).
      { unfold deep. cbn [biased_branch branch_out act]. fold h. rewrite lsum_last, Nat.ltb_irrefl. unfold value. f_equal.
        - apply lsum_ext. intros s Hs. apply in_rng in Hs. apply Nat.ltb_lt in Hs. rewrite Hs. f_equal.
          + unfold network; entries. rewrite <- EU. fold u. ring.
          + f_equal. apply functional_extensionality; intros d'. apply matrix_ext; intros i' j'.
            unfold network; entries. rewrite <- Ein. ring.
        - unfold network; entries. rewrite <- EU. fold u. ring. }
      assert (Eskip : skip given m (lin t here there) k o =
        (1 - t) * sval (exact_dot (base (into_outputs c)) bits (nth o (rows (into_outputs c)) nil) z, (point (into_outputs c) + e)%nat)
        + t * sval (exact_dot (base (into_outputs d)) bits (nth o (rows (into_outputs d)) nil) z, (point (into_outputs d) + e)%nat)).
      { rewrite (sum_read _ vc o vc_fits vc_small), (sum_read _ vd o vd_fits vd_small), <- lsum_lin.
        unfold skip. rewrite feature_along. apply lsum_ext. intros j _. unfold network; entries. ring. }
      unfold parallel. rewrite Edeep, Eskip. unfold low, high. rewrite !sadd_ok.
      set (sc := (exact_dot _ _ _ z, (point (into_outputs c) + e)%nat)).
      set (sd := (exact_dot _ _ _ z, (point (into_outputs d) + e)%nat)).
      pose proof (smin_le sc sd). pose proof (smax_ge sc sd).
      replace (sval ((- nth o y 0)%Z, shift)) with (- target given k o)
        by (rewrite <- (y_target o Ho); unfold sval; cbn [fst snd]; rewrite opp_IZR; unfold Rdiv; ring).
      assert (Hi : sval (fst i, (point u + f)%nat) <= value <= sval (snd i, (point u + f)%nat)).
      { pose proof (two_power_pos (point u + f)) as Hp. unfold between in Hdeep. unfold sval; cbn [fst snd].
        split; apply (Rmult_le_reg_r (2 ^ (point u + f))); try easy; unfold Rdiv;
          rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra; apply Hdeep. }
      assert (sval (smin sc sd) <= (1 - t) * sval sc + t * sval sd <= sval (smax sc sd)) by nra. lra. }
  destruct (smax_ge ((- fst low)%Z, snd low) high) as [H1 H2].
  assert (E1 : sval ((- fst low)%Z, snd low) = - sval low) by (unfold sval; cbn [fst snd]; rewrite opp_IZR; unfold Rdiv; ring).
  rewrite E1 in H1. apply Rabs_le. lra.
Qed.
End Reach.
