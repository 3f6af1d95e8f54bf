(** A network whose weights are a certificate's arrays, and its errors on one sample in exact integers.

    Definitions: [corner], a network of a path: which row of the bank each neuron has, V, (A, a), the branch's further
    layers with their biases, (U, c); [no_array]; [biased_branch], the branch of section 0: biases, ReLU, further
    layers, and a last unit that is always 1, which U weighs with the output bias c; [network], the corner as weights;
    [data_of], the mean over N points; [scaled], an integer and an exponent, [sval] its real number, [lift] to a larger
    exponent, [sadd], [ssum], sums; [affine], a row with its bias last; [integers], a row as integers; [layers_of],
    the layers as integers; [through], a vector through them; [silenced], U is zero; [errors], f - y at one point.
    Statements: none; errors_ok says what is computed. *)

From Coq Require Import Reals Lra Psatz List Arith Bool Lia ZArith FunctionalExtensionality Sint63.
From Skipscape.base Require Import sums relu.
From Skipscape.networks Require Import networks deep.
From Skipscape.certificates Require Import numbers.
Import ListNotations.
Open Scope R_scope.

Record corner := Corner {
  chosen : list nat;
  into_outputs : array;
  into_branch : array;
  inside : list array;
  out_of_branch : array
}.
Definition no_array : array := Array O O nil.

(** q: its biases, the ReLU, further layers; unit number [last widths r] is 1, so that U's last column is the output
    bias c *)
Definition biased_branch (r : nat) (widths : list nat) : branch :=
  Branch r (S (last widths r)) (fun q x s =>
    if Nat.ltb s (last widths r) then forward r widths (fun d => q (S d)) (fun i => relu (x i + q O i O)) s else 1).

(** row j of W is row j of the bank's array number chosen_j; the last columns of the arrays into the branch, inside it
    and out of it are the biases *)
Definition network (bank : list array) (m : nat) (c : corner) : param := make
  (fun j i => entry (nth (nth j (chosen c) O) bank no_array) j i)
  (fun j k => entry (into_outputs c) k j)
  (fun j a => entry (into_branch c) a j)
  (fun k s => entry (out_of_branch c) k s)
  (fun d s i => match d with O => entry (into_branch c) s m | S d' => entry (nth d' (inside c) no_array) s i end).

Lemma share_nonneg N : 0 <= / INR N.
Proof.
  destruct N as [|N]; [simpl; rewrite Rinv_0; lra|].
  left. apply Rinv_0_lt_compat, lt_0_INR. lia.
Qed.
Definition data_of (N D p : nat) (X Y : array) : data :=
  Data N D p (entry X) (entry Y) (fun _ => / INR N) (fun _ => share_nonneg N).

(** * Integers with an exponent *)

Definition scaled := (Z * nat)%type.
Definition sval (a : scaled) : R := IZR (fst a) / 2 ^ snd a.
Definition lift (a : scaled) (e : nat) : Z := Z.shiftl (fst a) (Z.of_nat (e - snd a)).
Definition sadd (a b : scaled) : scaled :=
  let e := Nat.max (snd a) (snd b) in ((lift a e + lift b e)%Z, e).
Fixpoint ssum (l : list scaled) : scaled := match l with nil => (0%Z, O) | a :: r => sadd a (ssum r) end.

Lemma two_power_pos e : 0 < 2 ^ e.
Proof. apply pow_lt. lra. Qed.

Lemma lift_ok a e : (snd a <= e)%nat -> IZR (lift a e) / 2 ^ e = sval a.
Proof.
  intros H. unfold lift, sval. rewrite Z.shiftl_mul_pow2 by lia. rewrite mult_IZR, <- pow_IZR.
  replace e with (snd a + (e - snd a))%nat at 2 by lia. rewrite pow_add.
  field. split; apply Rgt_not_eq, two_power_pos.
Qed.

Lemma sadd_ok a b : sval (sadd a b) = sval a + sval b.
Proof.
  unfold sadd. set (e := Nat.max (snd a) (snd b)). rewrite <- (lift_ok a e), <- (lift_ok b e) by (unfold e; lia).
  unfold sval at 1; cbn [fst snd]. rewrite plus_IZR. field. apply Rgt_not_eq, two_power_pos.
Qed.

Lemma ssum_ok {T} (l : list T) (f : T -> scaled) : sval (ssum (map f l)) = lsum l (fun a => sval (f a)).
Proof.
  induction l as [|a l IH]; cbn [map ssum lsum]; [unfold sval; simpl; lra|]. now rewrite sadd_ok, IH.
Qed.

(** * A layer with its biases *)

Fixpoint affine (r l : list Z) (one : Z) : Z :=
  match r, l with
  | w :: r', x :: l' => w * x + affine r' l' one
  | b :: _, nil => b * one
  | nil, _ => 0
  end.

Lemma affine_ok l : forall r one, IZR (affine r l one) =
  \sum_(i < length l) (IZR (nth i r 0%Z) * IZR (nth i l 0%Z)) + IZR (nth (length l) r 0%Z) * IZR one.
Proof.
  induction l as [|x l IH]; intros [|w r] one; cbn [affine length nth].
  - simpl. lra.
  - simpl. rewrite mult_IZR. lra.
  - rewrite lsum_zero by (intros [|i] _; simpl; ring). lra.
  - rewrite plus_IZR, mult_IZR, IH, lsum_first. cbn [nth]. lra.
Qed.

Definition integers (s : Z) (r : row) (n : nat) : list Z := map (digits s r) (seq 0 n).

Lemma nth_integers s r n i : (i < n)%nat -> nth i (integers s r n) 0%Z = digits s r i.
Proof.
  intros H. unfold integers. rewrite (nth_indep _ 0%Z (digits s r O)) by (now rewrite map_length, seq_length).
  rewrite (map_nth (digits s r) (seq 0 n) O i). now rewrite seq_nth.
Qed.

Fixpoint layers_of (n : nat) (widths : list nat) (inner : list array) : list (nat * list (list Z)) :=
  match widths with
  | nil => nil
  | h :: rest => let a := hd no_array inner in
      (point a, map (fun s => integers (base a) (nth s (rows a) nil) (S n)) (seq 0 h)) :: layers_of h rest (tl inner)
  end.
Fixpoint through (layers : list (nat * list (list Z))) (l : list Z) (e : nat) : list Z * nat :=
  match layers with
  | nil => (l, e)
  | (shift, matrix) :: rest => let one := Z.shiftl 1 (Z.of_nat e) in
      through rest (map (fun r => Z.max 0 (affine r l one)) matrix) (shift + e)
  end.

Lemma one_ok e : IZR (Z.shiftl 1 (Z.of_nat e)) = 2 ^ e.
Proof. rewrite Z.shiftl_mul_pow2 by lia. now rewrite Z.mul_1_l, <- pow_IZR. Qed.

Lemma relu_scaled z e : IZR (Z.max 0 z) / 2 ^ e = relu (IZR z / 2 ^ e).
Proof.
  pose proof (two_power_pos e) as H. unfold relu. destruct (Z.max_spec 0 z) as [[Hz ->]|[Hz ->]].
  - apply IZR_lt in Hz. rewrite Rmax_right; [easy|]. apply Rmult_le_pos; [lra | left; now apply Rinv_0_lt_compat].
  - apply IZR_le in Hz. rewrite Rmax_left; [unfold Rdiv; ring|].
    unfold Rdiv. rewrite <- (Rmult_0_l (/ 2 ^ e)). apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat | lra].
Qed.

(** one row of a layer applied to a vector, its bias last *)
Lemma affine_row a s n l e (x : vector) : length l = n -> (forall i, (i < n)%nat -> x i = IZR (nth i l 0%Z) / 2 ^ e) ->
  IZR (affine (integers (base a) (nth s (rows a) nil) (S n)) l (Z.shiftl 1 (Z.of_nat e))) / 2 ^ (point a + e)
  = \sum_(i < n) (entry a s i * x i) + entry a s n.
Proof.
  intros <- Hx. rewrite affine_ok, one_ok, nth_integers by lia.
  rewrite (lsum_ext _ (fun i => entry a s i * x i) (fun i => / 2 ^ (point a + e) *
    (IZR (nth i (integers (base a) (nth s (rows a) nil) (S (length l))) 0%Z) * IZR (nth i l 0%Z)))).
  - rewrite lsum_scal. unfold entry. rewrite pow_add. field. split; apply Rgt_not_eq, two_power_pos.
  - intros i Hi. apply in_rng in Hi. rewrite nth_integers, Hx by lia. unfold entry. rewrite pow_add.
    field. split; apply Rgt_not_eq, two_power_pos.
Qed.

Lemma through_ok widths : forall n inner l e (x : vector), length l = n ->
  (forall i, (i < n)%nat -> x i = IZR (nth i l 0%Z) / 2 ^ e) ->
  length (fst (through (layers_of n widths inner) l e)) = last widths n /\
  forall s, (s < last widths n)%nat -> forward n widths (fun d j i => entry (nth d inner no_array) j i) x s
    = IZR (nth s (fst (through (layers_of n widths inner) l e)) 0%Z) / 2 ^ snd (through (layers_of n widths inner) l e).
Proof.
  induction widths as [|h rest IH]; intros n inner l e x Hl Hx; [now split|].
  rewrite last_cons_width. cbn [layers_of through forward]. rewrite map_map.
  set (a := hd no_array inner). set (one := Z.shiftl 1 (Z.of_nat e)).
  set (row_of := fun s => Z.max 0 (affine (integers (base a) (nth s (rows a) nil) (S n)) l one)).
  assert (Ea : forall j i, entry (nth O inner no_array) j i = entry a j i) by (destruct inner; reflexivity).
  specialize (IH h (tl inner) (map row_of (seq 0 h)) (point a + e)%nat
    (layer n (fun j i => entry (nth O inner no_array) j i) x)).
  replace (fun d => (fun d0 j i => entry (nth d0 inner no_array) j i) (S d))
    with (fun d j i => entry (nth d (tl inner) no_array) j i) by (now destruct inner; [extensionality d; destruct d|]).
  apply IH; [now rewrite map_length, seq_length|]. intros i Hi.
  rewrite (nth_indep _ 0%Z (row_of O)) by (now rewrite map_length, seq_length).
  rewrite (map_nth row_of (seq 0 h) O i), seq_nth by easy. cbn [plus].
  unfold row_of. rewrite relu_scaled. unfold layer. f_equal. unfold one.
  rewrite (affine_row a i n l e x Hl Hx), Ea. f_equal. apply lsum_ext; intros; now rewrite Ea.
Qed.

(** * One corner on one sample *)

Definition silenced (p h : nat) (u : array) : bool :=
  forallb (fun k => forallb (fun s => Z.eqb (digits (base u) (nth k (rows u) nil) s) 0) (seq 0 h)) (seq 0 p).

(** [bits]: size of the digits of the features z, whose exponent is [e]; what depends on the corner alone is computed
    once *)
Definition errors (m p r : nat) (widths : list nat) (bits : Z) (e : nat) (shift : nat) (c : corner) : row -> list Z -> list scaled :=
  let v := into_outputs c in let a := into_branch c in let u := out_of_branch c in
  let h := last widths r in
  let vs := map (fun k => nth k (rows v) nil) (seq 0 p) in
  let us := map (fun k => integers (base u) (nth k (rows u) nil) (S h)) (seq 0 p) in
  let rs := map (fun s => (nth s (rows a) nil, Z.shiftl (digits (base a) (nth s (rows a) nil) m) (Z.of_nat e))) (seq 0 r) in
  let layers := layers_of r widths (inside c) in
  let off := silenced p h u in
  fun z y =>
    let '(last_units, f) := if off then (repeat 0%Z h, O) else
      through layers (map (fun ab => Z.max 0 (exact_dot (base a) bits (fst ab) z + snd ab)) rs) (point a + e) in
    let one := Z.shiftl 1 (Z.of_nat f) in
    map (fun vuy => let '(vk, (uk, yk)) := vuy in
      sadd (sadd (exact_dot (base v) bits vk z, (point v + e)%nat) (affine uk last_units one, (point u + f)%nat))
        ((- yk)%Z, shift))
      (combine vs (combine us y)).

Lemma combine_maps {I J K : Type} (f : I -> J) (g : I -> K) l : combine (map f l) (map g l) = map (fun i => (f i, g i)) l.
Proof. induction l as [|i l IH]; [easy|]. simpl. now rewrite IH. Qed.

Lemma list_of_places (y : list Z) p : length y = p -> map (fun o => nth o y 0%Z) (seq 0 p) = y.
Proof.
  intros <-. induction y as [|a y IH]; [easy|]. cbn [length seq map nth]. f_equal.
  rewrite <- seq_shift, map_map. exact IH.
Qed.

Lemma lsum_last n (f : nat -> R) : \sum_(i < S n) f i = \sum_(i < n) f i + f n.
Proof. rewrite seq_S, lsum_app. cbn [lsum plus]. lra. Qed.

Lemma silenced_ok p h u : silenced p h u = true -> forall o s, (o < p)%nat -> (s < h)%nat -> entry u o s = 0.
Proof.
  intros H o s Ho Hs. unfold silenced in H. rewrite forallb_forall in H. specialize (H o (proj2 (in_rng o p) Ho)).
  rewrite forallb_forall in H. specialize (H s (proj2 (in_rng s h) Hs)). apply Z.eqb_eq in H.
  unfold entry. rewrite H. unfold Rdiv. ring.
Qed.

Lemma small_row bound a k : forallb (small bound) (rows a) = true -> small bound (nth k (rows a) nil) = true.
Proof.
  intros H. rewrite forallb_forall in H. destruct (Nat.lt_ge_cases k (length (rows a))) as [Hk|Hk].
  - now apply H, nth_In.
  - now rewrite nth_overflow.
Qed.

Section Errors.
Variables (N D p m r : nat) (widths : list nat) (X Y : array) (bank : list array) (c : corner).
Variables (bits : Z) (e shift k : nat) (z : row) (y : list Z) (zb vb ab : int).
Notation given := (data_of N D p X Y).
Notation branch_of := (biased_branch r widths).
Notation here := (network bank m c).
Hypothesis z_length : forall q, In q z -> (length q <= m)%nat.
Hypothesis z_small : small zb z = true.
Hypothesis v_fits : fits m vb zb = true.
Hypothesis a_fits : fits m ab zb = true.
Hypothesis v_small : forallb (small vb) (rows (into_outputs c)) = true.
Hypothesis a_small : forallb (small ab) (rows (into_branch c)) = true.
Hypothesis z_feature : forall j, (j < m)%nat -> IZR (digits bits z j) / 2 ^ e = feature given here k j.
Hypothesis y_target : forall o, (o < p)%nat -> IZR (nth o y 0%Z) / 2 ^ shift = target given k o.
Hypothesis y_length : length y = p.

Lemma reads_features a bound o : fits m bound zb = true -> forallb (small bound) (rows a) = true ->
  IZR (exact_dot (base a) bits (nth o (rows a) nil) z) / 2 ^ (point a + e) = \sum_(j < m) (entry a o j * feature given here k j).
Proof.
  intros Hf Ha. rewrite (dot_exact m bound zb) by (auto; now apply small_row). unfold Rdiv. rewrite <- lsum_scal_r.
  apply lsum_ext; intros j Hj. apply in_rng in Hj. rewrite <- z_feature by easy. unfold entry. rewrite pow_add.
  field. split; apply Rgt_not_eq, two_power_pos.
Qed.

Lemma deep_as_sum o : deep given m branch_of here k o = \sum_(s < last widths r) (entry (out_of_branch c) o s *
    forward r widths (fun d j i => entry (nth d (inside c) no_array) j i)
      (fun i => relu (reading given m here k i + entry (into_branch c) i m)) s) + entry (out_of_branch c) o (last widths r).
Proof.
  unfold deep. cbn [biased_branch branch_out act]. rewrite lsum_last, Nat.ltb_irrefl. f_equal.
  - apply lsum_ext; intros s Hs. apply in_rng in Hs. apply Nat.ltb_lt in Hs. now rewrite Hs.
  - unfold U, network; cbn [make]. ring.
Qed.

Lemma errors_ok : map sval (errors m p r widths bits e shift c z y) =
  map (fun o => parallel given m branch_of here k o - target given k o) (seq 0 p).
Proof.
  unfold errors.
  set (v := into_outputs c). set (a := into_branch c). set (u := out_of_branch c). set (h := last widths r).
  set (rs := map _ (seq 0 r)).
  destruct (if silenced p h u then _ else _) as [last_units f] eqn:E.
  rewrite <- (list_of_places y p y_length) at 1. rewrite !combine_maps, !map_map. apply map_ext_in. intros o Ho.
  apply in_rng in Ho. rewrite !sadd_ok. unfold parallel. rewrite deep_as_sum.
  assert (ES : sval (exact_dot (base v) bits (nth o (rows v) nil) z, (point v + e)%nat) = skip given m here k o).
  { unfold sval; cbn [fst snd]. rewrite (reads_features v vb) by easy. reflexivity. }
  rewrite ES. unfold sval at 2; cbn [fst snd]. rewrite opp_IZR, <- (y_target o Ho).
  assert (EU : sval (affine (integers (base u) (nth o (rows u) nil) (S h)) last_units (Z.shiftl 1 (Z.of_nat f)), (point u + f)%nat)
    = \sum_(s < h) (entry u o s * forward r widths (fun d j i => entry (nth d (inside c) no_array) j i)
      (fun i => relu (reading given m here k i + entry a i m)) s) + entry u o h).
  { unfold sval; cbn [fst snd]. destruct (silenced p h u) eqn:Eoff.
    - injection E as <- <-. rewrite (affine_row u o h (repeat 0%Z h) O (fun _ => 0)).
      + f_equal. apply lsum_ext; intros s Hs. apply in_rng in Hs. rewrite (silenced_ok p h u Eoff o s Ho Hs). ring.
      + apply repeat_length.
      + intros i _. replace (nth i (repeat 0%Z h) 0%Z) with 0%Z; [unfold Rdiv; ring|].
        clear. revert i. induction h as [|h' IH]; intros [|i]; simpl; auto.
    - destruct (through_ok widths r (inside c) (map (fun ab => Z.max 0 (exact_dot (base a) bits (fst ab) z + snd ab)) rs)
        (point a + e) (fun i => relu (reading given m here k i + entry a i m))) as [Hlen Hval].
      + unfold rs. now rewrite !map_length, seq_length.
      + intros i Hi. unfold rs. rewrite map_map. cbn [fst snd].
        set (g := fun s => Z.max 0 _). rewrite (nth_indep _ 0%Z (g O)) by (now rewrite map_length, seq_length).
        rewrite (map_nth g (seq 0 r) O i), seq_nth by easy. unfold g; cbn [plus]. rewrite relu_scaled. f_equal.
        rewrite plus_IZR, Rdiv_plus_distr, (reads_features a ab) by easy. f_equal.
        rewrite Z.shiftl_mul_pow2 by lia. rewrite mult_IZR, <- pow_IZR. unfold entry. rewrite pow_add.
        field. split; apply Rgt_not_eq, two_power_pos.
      + rewrite E in Hlen, Hval. cbn [fst snd] in Hlen, Hval.
        rewrite (affine_row u o h last_units f _ Hlen Hval). reflexivity. }
  rewrite EU. fold u h a. unfold Rdiv. ring.
Qed.
End Errors.
