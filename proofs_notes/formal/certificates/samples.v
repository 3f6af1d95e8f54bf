(** The losses of many corners, sample by sample: the features of every row of the bank are computed once a sample, cut
    into digits, and each corner takes those of its rows.

    Definitions: [sizes], the numbers N, D, p, m, the branch's widths, and the size and number of the features'
    digits; [split], a number cut into digits; [bound], what the entries of an array's planes may reach; [mix], of
    every slot the entry that the corner has chosen; [number], z of one row, [column], of an array's, [features], of
    the bank's; [planes_of], numbers in digits as planes; [probing], what is asked of a sample, [one_sample], whether
    the features fit their digits, and the sum of squares, [ssquare], that each probe has; [table], all samples;
    [total], a probe's sum over them; [digit_base], [feature_point], base and exponent of the features; [data_fit],
    [bank_fits], [corner_fits], that shapes agree and nothing leaves 63 bits.
    Statements: none; planes_ok says what the probes are given. *)

From Coq Require Import Reals Lra Psatz List Arith Bool Lia ZArith Sint63.
From Skipscape.base Require Import sums relu.
From Skipscape.networks Require Import networks deep.
From Skipscape.certificates Require Import numbers evaluate.
Import ListNotations.
Open Scope R_scope.

Record sizes := Sizes {
  samples : nat;
  seen_by_first : nat;
  targets : nat;
  width : nat;
  branch_width : nat;
  branch_widths : list nat;
  digit_bits : nat;
  digit_count : nat
}.

(** * Numbers cut into digits *)

Fixpoint split (bits mask : Z) (count : nat) (z : Z) : list int :=
  match count with
  | O => nil
  | S n => Uint63.of_Z (Z.land z mask) :: split bits mask n (Z.shiftr z bits)
  end.

Lemma of_small z : (0 <= z < 2 ^ 61)%Z -> Sint63.to_Z (Uint63.of_Z z) = z.
Proof.
  intros H. rewrite Sint63.of_Z_spec. apply cmod_small.
  change (wB / 2)%Z with 4611686018427387904%Z. change (2 ^ 61)%Z with 2305843009213693952%Z in H. lia.
Qed.

Lemma split_ok bits n : (0 < bits <= 60)%Z -> forall z, (0 <= z < 2 ^ (bits * Z.of_nat n))%Z ->
  horner (2 ^ bits) (map Sint63.to_Z (split bits (Z.ones bits) n z)) = z /\
  forall a, In a (split bits (Z.ones bits) n z) -> (0 <= Sint63.to_Z a < 2 ^ bits)%Z.
Proof.
  intros Hb. assert (H60 : (2 ^ bits <= 2 ^ 60)%Z) by (apply Z.pow_le_mono_r; lia).
  assert (Hpos : (0 < 2 ^ bits)%Z) by (apply Z.pow_pos_nonneg; lia).
  induction n as [|n IH]; intros z Hz.
  - rewrite Z.mul_0_r in Hz. cbn [split map horner]. split; [lia | easy].
  - cbn [split map horner]. rewrite Z.land_ones by lia. rewrite Z.shiftr_div_pow2 by lia.
    pose proof (Z.mod_pos_bound z (2 ^ bits) Hpos) as Hm.
    assert (E : Sint63.to_Z (Uint63.of_Z (z mod 2 ^ bits)) = (z mod 2 ^ bits)%Z).
    { apply of_small. change (2 ^ 61)%Z with (2 * 2 ^ 60)%Z. lia. }
    destruct (IH (z / 2 ^ bits)%Z) as [H1 H2].
    { split; [apply Z.div_pos; lia|]. apply Z.div_lt_upper_bound; [easy|].
      rewrite <- Z.pow_add_r by lia. replace (bits + bits * Z.of_nat n)%Z with (bits * Z.of_nat (S n))%Z by lia. easy. }
    rewrite H1, E. split; [pose proof (Z.div_mod z (2 ^ bits)); lia|].
    intros a [<-|Ha]; [now rewrite E | now apply H2].
Qed.

Lemma split_length bits mask n : forall z, length (split bits mask n z) = n.
Proof. induction n as [|n IH]; intros z; [easy|]. cbn [split length]. now rewrite IH. Qed.

(** what the entries of an array's planes may reach *)
Definition bound (a : array) : int := Uint63.of_Z (base a).

(** * Of every slot the entry that the corner has chosen *)

Fixpoint mix {T : Type} (none : T) (choices : list nat) (columns : list (list T)) : list T :=
  match choices with
  | nil => nil
  | n :: rest => hd none (nth n columns nil) :: mix none rest (map (@tl T) columns)
  end.

Lemma mix_nth {T : Type} (none : T) choices : forall columns j, (j < length choices)%nat ->
  nth j (mix none choices columns) none = nth j (nth (nth j choices O) columns nil) none.
Proof.
  induction choices as [|n rest IH]; intros columns j Hj; [simpl in Hj; lia|].
  destruct j as [|j]; cbn [mix nth]; [now destruct (nth n columns nil)|].
  simpl in Hj. rewrite IH by lia. change (@nil T) with (tl (@nil T)) at 1. rewrite map_nth.
  now destruct (nth (nth j rest O) columns nil); [destruct j|].
Qed.

Lemma mix_length {T : Type} (none : T) choices : forall columns, length (mix none choices columns) = length choices.
Proof. induction choices as [|n rest IH]; intros columns; [easy|]. cbn [mix length]. now rewrite IH. Qed.

Lemma mix_in {T : Type} (none : T) choices : forall columns a, In a (mix none choices columns) ->
  a = none \/ exists column, In column columns /\ In a column.
Proof.
  induction choices as [|n rest IH]; intros columns a H; [easy|]. cbn [mix] in H. destruct H as [<-|H].
  - destruct (Nat.lt_ge_cases n (length columns)) as [Hn|Hn].
    + destruct (nth n columns nil) as [|b l] eqn:E; [now left|]. right. exists (b :: l). cbn [hd].
      split; [|now left]. rewrite <- E. now apply nth_In.
    + rewrite nth_overflow by easy. now left.
  - destruct (IH _ _ H) as [->|(column & H1 & H2)]; [now left|]. apply in_map_iff in H1. destruct H1 as (l & <- & Hl).
    right. exists l. split; [easy|]. destruct l; [easy | now right].
Qed.

(** * One sample *)

Definition number (X : array) (x : row) (a : array) (w : row) : Z := Z.max 0 (exact_dot (base a) (base X) w x).
Definition column (X : array) (x : row) (a : array) : list Z := map (number X x a) (rows a).
Definition features (X : array) (bank : list array) (x : row) : list (list Z) := map (column X x) bank.
Definition planes_of (count : nat) (numbers : list (list int)) : row :=
  map (fun q => map (fun digits_of => nth q digits_of 0%sint63) numbers) (seq 0 count).

Definition digit_base (s : sizes) : Z := 2 ^ Z.of_nat (digit_bits s).
Definition feature_point (X : array) (bank : list array) : nat := point (hd no_array bank) + point X.

Definition ssquare (a : scaled) : scaled := ((fst a * fst a)%Z, (snd a + snd a)%nat).

(** what is to be known of a sample: the rows that a corner has, and numbers from its features and the target *)
Definition probing := (list nat * (row -> list Z -> list scaled))%type.
Definition one_sample (s : sizes) (X : array) (bank : list array) (probes : list probing) : row -> list Z -> bool * list scaled :=
  let bits := Z.of_nat (digit_bits s) in let mask := Z.ones bits in
  let limit := (2 ^ (bits * Z.of_nat (digit_count s)))%Z in
  fun x y =>
    let zs := features X bank x in
    let digits_of := map (map (split bits mask (digit_count s))) zs in
    (forallb (forallb (fun z => Z.ltb z limit)) zs,
     map (fun probe => ssum (map ssquare
       (snd probe (planes_of (digit_count s) (mix nil (fst probe) digits_of)) y))) probes).

Definition table (s : sizes) (X Y : array) (bank : list array) (probes : list probing) : list (bool * list scaled) :=
  let sample := one_sample s X bank probes in
  map (fun xy => sample (fst xy) (integers (base Y) (snd xy) (targets s))) (combine (rows X) (rows Y)).

Definition total (t : list (bool * list scaled)) (i : nat) : scaled :=
  ssum (map (fun sample => nth i (snd sample) (0%Z, O)) t).

(** * What has to be small, and what has to agree *)

Definition data_fit (s : sizes) (X Y : array) : bool :=
  (Nat.eqb (length (rows X)) (samples s) && Nat.eqb (length (rows Y)) (samples s) && Nat.ltb 0 (samples s) &&
   Nat.ltb 0 (digit_bits s) && Nat.leb (digit_bits s) 60 &&
   forallb (small (bound X)) (rows X) &&
   forallb (forallb (fun plane => Nat.leb (length plane) (seen_by_first s))) (rows X))%bool.
Definition bank_fits (s : sizes) (X : array) (bank : list array) : bool :=
  forallb (fun a => Nat.eqb (point a) (point (hd no_array bank)) && Nat.eqb (length (rows a)) (width s) &&
    forallb (small (bound a)) (rows a) && fits (seen_by_first s) (bound a) (bound X))%bool bank.
Definition corner_fits (s : sizes) (bank : list array) (c : corner) : bool :=
  let z := Uint63.of_Z (digit_base s) in
  (Nat.eqb (length (chosen c)) (width s) && forallb (fun n => Nat.ltb n (length bank)) (chosen c) &&
   forallb (small (bound (into_outputs c))) (rows (into_outputs c)) && fits (width s) (bound (into_outputs c)) z &&
   forallb (small (bound (into_branch c))) (rows (into_branch c)) && fits (width s) (bound (into_branch c)) z)%bool.

Section Sample.
Variables (s : sizes) (X Y : array) (bank : list array).
Notation given := (data_of (samples s) (seen_by_first s) (targets s) X Y).
Notation branch_of := (biased_branch (branch_width s) (branch_widths s)).
Notation weights := (network bank (width s)).
Hypothesis fit : data_fit s X Y = true.
Hypothesis fits_bank : bank_fits s X bank = true.

Lemma x_row k : In (nth k (rows X) nil) (rows X) \/ nth k (rows X) nil = nil.
Proof.
  destruct (Nat.lt_ge_cases k (length (rows X))) as [H|H]; [left; now apply nth_In | right; now apply nth_overflow].
Qed.

(** the feature of neuron j, as an integer *)
Lemma feature_exact c k j : corner_fits s bank c = true -> (j < width s)%nat ->
  IZR (nth j (nth (nth j (chosen c) O) (features X bank (nth k (rows X) nil)) nil) 0%Z) / 2 ^ feature_point X bank
  = feature given (weights c) k j.
Proof.
  intros Hc Hj. unfold corner_fits in Hc. rewrite !andb_true_iff in Hc. destruct Hc as [[[[[Hm Hch] _] _] _] _].
  apply Nat.eqb_eq in Hm. rewrite forallb_forall in Hch.
  set (n := nth j (chosen c) O). assert (Hn : (n < length bank)%nat).
  { apply Nat.ltb_lt, Hch, nth_In. lia. }
  unfold features. set (x := nth k (rows X) nil).
  rewrite (nth_indep _ nil (column X x no_array)) by (now rewrite map_length).
  rewrite (map_nth (column X x)). set (a := nth n bank no_array).
  assert (Ha : In a bank) by now apply nth_In.
  unfold bank_fits in fits_bank. rewrite forallb_forall in fits_bank. specialize (fits_bank a Ha).
  rewrite !andb_true_iff in fits_bank. destruct fits_bank as [[[Ep El] Es] Ef].
  apply Nat.eqb_eq in Ep, El.
  unfold column. rewrite (nth_indep _ 0%Z (number X x a nil)) by (rewrite map_length; lia).
  rewrite (map_nth (number X x a)). unfold number. rewrite relu_scaled. unfold feature. f_equal.
  unfold data_fit in fit. rewrite !andb_true_iff in fit. destruct fit as [[[[[_ _] _] _] Hsmall] Hlen].
  rewrite forallb_forall in Hlen.
  rewrite (dot_exact (seen_by_first s) (bound a) (bound X)); try easy.
  - unfold dot; cbn [seen input data_of]. unfold Rdiv. rewrite <- lsum_scal_r. apply lsum_ext; intros i _.
    unfold W, network; cbn [make]. fold n a. fold x. unfold entry, feature_point. fold x. rewrite <- Ep, pow_add.
    field. split; apply Rgt_not_eq, two_power_pos.
  - intros q Hq. destruct (x_row k) as [Hx|Hx]; fold x in Hx; [|now rewrite Hx in Hq].
    specialize (Hlen _ Hx). rewrite forallb_forall in Hlen. now apply Nat.leb_le, Hlen.
  - now apply small_row.
  - now apply small_row.
Qed.

Lemma digits_planes count (numbers : list (list int)) j : (forall q, In q numbers -> length q = count) ->
  (j < length numbers)%nat ->
  digits (digit_base s) (planes_of count numbers) j = horner (digit_base s) (map Sint63.to_Z (nth j numbers nil)).
Proof.
  intros Hlen Hj. unfold digits, planes_of. rewrite map_map. f_equal.
  assert (E : length (nth j numbers nil) = count) by now apply Hlen, nth_In.
  rewrite <- E. clear E Hlen count. set (l := nth j numbers nil). transitivity (map Sint63.to_Z (map (fun q => nth q l 0%sint63) (seq 0 (length l)))).
  - rewrite map_map. apply map_ext_in. intros q _. f_equal. unfold l.
    assert (E : forall n, nth n (map (fun d : list int => nth q d 0%sint63) numbers) (nth q (@nil int) 0%sint63) = nth q (nth n numbers nil) 0%sint63)
      by (intros n; apply (map_nth (fun d : list int => nth q d 0%sint63))).
    rewrite <- E. now destruct q.
  - f_equal. clear. induction l as [|b l IH]; [easy|]. cbn [length seq map nth]. f_equal.
    rewrite <- seq_shift, map_map. exact IH.
Qed.

(** the planes that a corner has on sample k: as long as the layer is wide, small, and the features *)
Lemma planes_ok c k zs : corner_fits s bank c = true -> (k < samples s)%nat ->
  zs = features X bank (nth k (rows X) nil) ->
  forallb (forallb (fun z => Z.ltb z (2 ^ (Z.of_nat (digit_bits s) * Z.of_nat (digit_count s))))) zs = true ->
  let z := planes_of (digit_count s) (mix nil (chosen c)
    (map (map (split (Z.of_nat (digit_bits s)) (Z.ones (Z.of_nat (digit_bits s))) (digit_count s))) zs)) in
  (forall q, In q z -> (length q <= width s)%nat) /\ small (Uint63.of_Z (digit_base s)) z = true /\
  forall j, (j < width s)%nat -> IZR (digits (digit_base s) z j) / 2 ^ feature_point X bank = feature given (weights c) k j.
Proof.
  intros Hc Hk Ezs Hz z. pose proof Hc as Hc'. unfold corner_fits in Hc'. rewrite !andb_true_iff in Hc'.
  destruct Hc' as [[[[[Hm Hch] Hv] Hvf] Ha] Haf]. apply Nat.eqb_eq in Hm.
  set (bits := Z.of_nat (digit_bits s)) in *. set (count := digit_count s) in *.
  assert (Hbits : (0 < bits <= 60)%Z).
  { unfold data_fit in fit. rewrite !andb_true_iff in fit. destruct fit as [[[[_ H1] H2] _] _].
    apply Nat.ltb_lt in H1. apply Nat.leb_le in H2. unfold bits. lia. }
  subst z. set (numbers := mix nil (chosen c) (map (map (split bits (Z.ones bits) count)) zs)).
  assert (Hlen : length numbers = width s) by (unfold numbers; now rewrite mix_length).
  (* every feature is one of those that were found small *)
  assert (Hfeature : forall j, (j < width s)%nat ->
    nth j numbers nil = split bits (Z.ones bits) count (nth j (nth (nth j (chosen c) O) zs nil) 0%Z) /\
    (0 <= nth j (nth (nth j (chosen c) O) zs nil) 0 < 2 ^ (bits * Z.of_nat count))%Z).
  { intros j Hj. unfold numbers. rewrite mix_nth by lia. set (n := nth j (chosen c) O).
    rewrite forallb_forall in Hch. assert (Hn : (n < length bank)%nat) by (apply Nat.ltb_lt, Hch, nth_In; lia).
    assert (Lzs : length zs = length bank) by (rewrite Ezs; unfold features; now rewrite map_length).
    change (@nil (list int)) with (map (split bits (Z.ones bits) count) nil). rewrite map_nth.
    set (found := nth n zs nil). assert (Hcol : In found zs) by (apply nth_In; lia).
    assert (Lcol : length found = width s).
    { rewrite Ezs in Hcol. unfold features in Hcol. apply in_map_iff in Hcol. destruct Hcol as (a & <- & Hin).
      unfold column. rewrite map_length. unfold bank_fits in fits_bank. rewrite forallb_forall in fits_bank. specialize (fits_bank a Hin).
      rewrite !andb_true_iff in fits_bank. now apply Nat.eqb_eq. }
    split.
    - rewrite (nth_indep _ nil (split bits (Z.ones bits) count 0)) by (rewrite map_length; lia). now rewrite map_nth.
    - assert (Hin : In (nth j found 0%Z) found) by (apply nth_In; lia).
      rewrite forallb_forall in Hz. specialize (Hz found Hcol). rewrite forallb_forall in Hz.
      specialize (Hz _ Hin). apply Z.ltb_lt in Hz. split; [|exact Hz].
      rewrite Ezs in Hcol. unfold features in Hcol. apply in_map_iff in Hcol. destruct Hcol as (a & Ea & _).
      revert Hin. generalize (nth j found 0%Z). intros value Hin. rewrite <- Ea in Hin. apply in_map_iff in Hin. destruct Hin as (w & <- & _). apply Z.le_max_l. }
  split; [|split].
  - intros q Hq. unfold planes_of in Hq. apply in_map_iff in Hq. destruct Hq as (n & <- & _).
    rewrite map_length. lia.
  - (* the digits are small *)
    assert (Hbase : Sint63.to_Z (Uint63.of_Z (digit_base s)) = (2 ^ bits)%Z).
    { apply of_small. unfold digit_base. fold bits. split; [apply Z.pow_nonneg; lia|].
      apply Z.pow_lt_mono_r; lia. }
    unfold small. apply forallb_forall. intros plane Hp. apply forallb_forall. intros d Hd.
    unfold planes_of in Hp. apply in_map_iff in Hp. destruct Hp as (q & <- & _). apply in_map_iff in Hd.
    destruct Hd as (number & <- & Hnumber). apply (In_nth _ _ nil) in Hnumber. destruct Hnumber as (j & Hj & <-).
    rewrite Hlen in Hj. destruct (Hfeature j Hj) as [Ej Bj]. rewrite Ej.
    set (l := split _ _ _ _). assert (H : (0 <= Sint63.to_Z (nth q l 0%sint63) < 2 ^ bits)%Z).
    { destruct (Nat.lt_ge_cases q (length l)) as [Hq|Hq].
      - apply (proj2 (split_ok bits count Hbits _ Bj)). now apply nth_In.
      - rewrite nth_overflow by easy. change (Sint63.to_Z 0) with 0%Z. split; [lia | apply Z.pow_pos_nonneg; lia]. }
    unfold within. apply andb_true_iff. rewrite !Sint63.leb_spec. rewrite Hbase. split; [|lia].
    rewrite Sint63.opp_spec, Hbase, cmod_small; [lia|].
    assert (2 ^ bits <= 2 ^ 60)%Z by (apply Z.pow_le_mono_r; lia).
    change (wB / 2)%Z with (4 * 2 ^ 60)%Z. lia.
  - (* the features *)
    intros j Hj. destruct (Hfeature j Hj) as [Ej Bj]. rewrite <- feature_exact, <- Ezs by easy. f_equal. f_equal.
    rewrite digits_planes; [|intros q Hq | lia].
    + rewrite Ej. apply (split_ok bits count Hbits _ Bj).
    + apply (In_nth _ _ nil) in Hq. destruct Hq as (j' & Hj' & <-). rewrite Hlen in Hj'.
      destruct (Hfeature j' Hj') as [-> _]. apply split_length.
Qed.
End Sample.
