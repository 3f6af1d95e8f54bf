(** What is evaluated of a certificate: a corner's loss, exactly, or a bound of the loss along a segment on which V and
    (A, a) move.

    Definitions: [probe], which of the two; [probe_corner], whose rows its features are; [prepare], the evaluation of
    one sample; [probe_fits], nothing leaves 63 bits; [sound_table], the evaluation is exact; [loss_at], the squared
    error of a network; [stimes], a number with an exponent times an integer; [at_most], the mean is at most num/den;
    [near], a mean is at most another one and num/den; [far], a mean and num/den are at most another one.
    Statements: none; total_ok and along_ok say what the sums are. *)

From Coq Require Import Reals Lra Psatz List Arith Bool Lia ZArith Sint63.
From Skipscape.base Require Import sums relu paths.
From Skipscape.networks Require Import networks deep.
From Skipscape.certificates Require Import numbers evaluate samples liveness along.
Import ListNotations.
Open Scope R_scope.

Inductive probe := At (c : corner) | Along (c d : corner).
Definition probe_corner (p : probe) : corner := match p with At c => c | Along c _ => c end.

Definition prepare (s : sizes) (X Y : array) (bank : list array) (p : probe) : probing :=
  let e := feature_point X bank in
  (chosen (probe_corner p),
   match p with
   | At c => errors (width s) (targets s) (branch_width s) (branch_widths s) (digit_base s) e (point Y) c
   | Along c d => reach (width s) (targets s) (branch_width s) (branch_widths s) (digit_base s) e (point Y) c d
   end).
Definition probe_fits (s : sizes) (bank : list array) (p : probe) : bool :=
  match p with
  | At c => corner_fits s bank c
  | Along c d => (corner_fits s bank c && corner_fits s bank d && senders_move c d)%bool
  end.

(** the evaluation is exact: nothing leaves 63 bits, and every feature fits its digits *)
Definition sound_table (s : sizes) (X Y : array) (bank : list array) (probes : list probe)
    (t : list (bool * list scaled)) : bool :=
  (data_fit s X Y && bank_fits s X bank && forallb (probe_fits s bank) probes && forallb fst t)%bool.

Definition stimes (n : Z) (a : scaled) : scaled := ((n * fst a)%Z, snd a).
Definition at_most (N : nat) (num den : Z) (sum : scaled) : bool := sle (stimes den sum) ((num * Z.of_nat N)%Z, O).
Definition near (N : nat) (num den : Z) (sum start : scaled) : bool :=
  sle (stimes den sum) (sadd (stimes den start) ((num * Z.of_nat N)%Z, O)).
Definition far (N : nat) (num den : Z) (sum start : scaled) : bool :=
  sle (sadd (stimes den sum) ((num * Z.of_nat N)%Z, O)) (stimes den start).

Lemma stimes_ok n a : sval (stimes n a) = IZR n * sval a.
Proof. unfold stimes, sval; cbn [fst snd]. rewrite mult_IZR. unfold Rdiv. ring. Qed.

Lemma sval_whole n N : sval ((n * Z.of_nat N)%Z, O) = IZR n * INR N.
Proof. unfold sval; cbn [fst snd pow]. rewrite mult_IZR, <- INR_IZR_INZ. field. Qed.

Lemma combine_places {I J : Type} (u : list I) (v : list J) d d' n : length u = n -> length v = n ->
  combine u v = map (fun k => (nth k u d, nth k v d')) (seq 0 n).
Proof.
  revert v n. induction u as [|a u IH]; intros [|b v] n Hu Hv; simpl in Hu, Hv; subst n; try easy.
  injection Hv as Hv. cbn [combine length seq map nth]. f_equal. rewrite <- seq_shift, map_map. now apply IH.
Qed.

Lemma ssum_map_square (l : list scaled) : sval (ssum (map ssquare l)) = lsum l (fun a => (sval a)^2).
Proof.
  rewrite ssum_ok. apply lsum_ext. intros a _. unfold sval, ssquare; cbn [fst snd]. rewrite mult_IZR, pow_add. field.
  apply Rgt_not_eq, two_power_pos.
Qed.

Lemma nth_mapped {I J : Type} (f : I -> J) l i p d : (i < length l)%nat -> nth i l p = p -> nth i (map f l) d = f p.
Proof.
  intros Hi Ep. rewrite (nth_indep _ d (f p)) by (now rewrite map_length). now rewrite map_nth, Ep.
Qed.

Section Probes.
Variables (s : sizes) (X Y : array) (bank : list array).
Notation given := (data_of (samples s) (seen_by_first s) (targets s) X Y).
Notation branch_of := (biased_branch (branch_width s) (branch_widths s)).
Notation weights := (network bank (width s)).
Definition loss_at (P : param) : R := squared given (parallel given (width s) branch_of P).

Variable probes : list probe.
Notation found := (table s X Y bank (map (prepare s X Y bank) probes)).
Hypothesis sound : sound_table s X Y bank probes found = true.

Lemma sound_parts : data_fit s X Y = true /\ bank_fits s X bank = true /\
  (forall p, In p probes -> probe_fits s bank p = true) /\ length (rows X) = samples s /\ length (rows Y) = samples s /\
  (0 < samples s)%nat.
Proof.
  unfold sound_table in sound. rewrite !andb_true_iff in sound. destruct sound as [[[Hfit Hbank] Hprobes] _].
  rewrite forallb_forall in Hprobes. split; [easy|]. split; [easy|]. split; [easy|].
  unfold data_fit in Hfit. rewrite !andb_true_iff in Hfit. destruct Hfit as [[[[[[HX HY] HN] _] _] _] _].
  apply Nat.eqb_eq in HX, HY. now apply Nat.ltb_lt in HN.
Qed.

(** a probe's total as a sum over the samples *)
Lemma total_sum i p : (i < length probes)%nat -> nth i probes p = p -> exists errors_at : nat -> list scaled,
  sval (total found i) = \sum_(k < samples s) lsum (errors_at k) (fun a => (sval a)^2) /\
  forall k, (k < samples s)%nat -> exists z, errors_at k = snd (prepare s X Y bank p) z (integers (base Y) (nth k (rows Y) nil) (targets s)) /\
    (forall q, In q z -> (length q <= width s)%nat) /\ small (Uint63.of_Z (digit_base s)) z = true /\
    forall j, (j < width s)%nat -> IZR (digits (digit_base s) z j) / 2 ^ feature_point X bank
      = feature given (weights (probe_corner p)) k j.
Proof.
  intros Hi Ep. destruct sound_parts as (Hfit & Hbank & Hprobes & HX & HY & HN).
  assert (Hp : corner_fits s bank (probe_corner p) = true).
  { assert (In p probes) by (rewrite <- Ep; now apply nth_In). specialize (Hprobes p H). destruct p; [easy|].
    unfold probe_fits in Hprobes. now rewrite !andb_true_iff in Hprobes. }
  assert (Hfine : forallb fst found = true) by (unfold sound_table in sound; now rewrite !andb_true_iff in sound).
  set (z := fun k => planes_of (digit_count s) (mix nil (chosen (probe_corner p))
    (map (map (split (Z.of_nat (digit_bits s)) (Z.ones (Z.of_nat (digit_bits s))) (digit_count s)))
      (features X bank (nth k (rows X) nil))))).
  exists (fun k => snd (prepare s X Y bank p) (z k) (integers (base Y) (nth k (rows Y) nil) (targets s))).
  unfold total, table in *. rewrite (combine_places (rows X) (rows Y) nil nil (samples s)) in * by easy.
  rewrite !map_map in *. cbn [fst snd] in *. split.
  - rewrite ssum_ok. apply lsum_ext. intros k Hk. unfold one_sample. cbn [fst snd].
    rewrite map_map, (nth_mapped _ probes i p) by easy. now rewrite ssum_map_square.
  - intros k Hk. exists (z k). split; [easy|]. apply planes_ok; try easy.
    apply in_rng in Hk. rewrite forallb_forall in Hfine.
    match type of Hfine with forall x, In x (map ?g _) -> _ => exact (Hfine (g k) (in_map g _ _ Hk)) end.
Qed.

(** a corner's total is N times its loss *)
Lemma total_ok i c : (i < length probes)%nat -> nth i probes (At c) = At c ->
  sval (total found i) = INR (samples s) * loss_at (weights c).
Proof.
  intros Hi Ec. destruct sound_parts as (_ & _ & Hprobes & _ & _ & HN).
  assert (Hc : corner_fits s bank c = true).
  { apply (Hprobes (At c)). rewrite <- Ec. now apply nth_In. }
  unfold corner_fits in Hc. rewrite !andb_true_iff in Hc. destruct Hc as [[[[[_ _] Hv] Hvf] Ha] Haf].
  destruct (total_sum i (At c) Hi Ec) as (errors_at & -> & Herrors).
  unfold loss_at, squared. cbn [points data_of outputs]. rewrite <- lsum_scal. apply lsum_ext. intros k Hk.
  apply in_rng in Hk. destruct (Herrors k Hk) as (z & -> & Hlen & Hsmall & Hz). cbn [prepare snd probe_corner] in *.
  rewrite <- (lsum_map _ sval (fun v => v^2)).
  rewrite (errors_ok (samples s) (seen_by_first s) (targets s) (width s) (branch_width s) (branch_widths s) X Y bank c (digit_base s)
    (feature_point X bank) (point Y) k z _ (Uint63.of_Z (digit_base s)) (bound (into_outputs c)) (bound (into_branch c))); try easy.
  - rewrite lsum_map. cbn [weight data_of]. rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l; [easy|]. apply not_0_INR. lia.
  - intros o Ho. now rewrite nth_integers.
  - unfold integers. now rewrite map_length, seq_length.
Qed.

(** a segment's total is at least N times the loss anywhere on it *)
Lemma along_ok i c d t : (i < length probes)%nat -> nth i probes (Along c d) = Along c d -> 0 <= t <= 1 ->
  INR (samples s) * loss_at (lin t (weights c) (weights d)) <= sval (total found i).
Proof.
  intros Hi Ec Ht. destruct sound_parts as (_ & _ & Hprobes & _ & _ & HN).
  assert (Hc : probe_fits s bank (Along c d) = true) by (apply Hprobes; rewrite <- Ec; now apply nth_In).
  unfold probe_fits, corner_fits in Hc. rewrite !andb_true_iff in Hc.
  destruct Hc as [[[[[[[_ _] Hv] Hvf] Ha] Haf] [[[[[_ _] Hv'] Hvf'] Ha'] Haf']] Hmove].
  destruct (total_sum i (Along c d) Hi Ec) as (errors_at & -> & Herrors).
  unfold loss_at, squared. cbn [points data_of outputs]. rewrite <- lsum_scal. apply lsum_le. intros k Hk.
  apply in_rng in Hk. destruct (Herrors k Hk) as (z & -> & Hlen & Hsmall & Hz). cbn [prepare snd probe_corner] in *.
  destruct (reach_ok (samples s) (seen_by_first s) (targets s) (width s) (branch_width s) (branch_widths s) X Y bank c d (digit_base s)
    (feature_point X bank) (point Y) k z (integers (base Y) (nth k (rows Y) nil) (targets s)) (Uint63.of_Z (digit_base s))
    (bound (into_outputs c)) (bound (into_outputs d)) (bound (into_branch c)) (bound (into_branch d)) t) as (g & -> & Hg); try easy.
  - intros o Ho. now rewrite nth_integers.
  - unfold integers. now rewrite map_length, seq_length.
  - rewrite lsum_map. cbn [weight data_of]. rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by (apply not_0_INR; lia).
    apply lsum_le. intros o Ho. apply in_rng in Ho. specialize (Hg o Ho).
    rewrite <- (pow2_abs (parallel _ _ _ _ _ _ - _)). apply pow_incr. split; [apply Rabs_pos | easy].
Qed.

(** * Comparisons of means *)

Lemma count_pos : 0 < INR (samples s).
Proof. apply lt_0_INR, sound_parts. Qed.

Lemma at_most_ok num den sum loss : (0 < den)%Z -> INR (samples s) * loss <= sval sum ->
  at_most (samples s) num den sum = true -> loss <= IZR num / IZR den.
Proof.
  intros Hd E H. apply sle_ok in H. rewrite stimes_ok, sval_whole in H. pose proof count_pos as HN. apply IZR_lt in Hd.
  apply (Rmult_le_reg_r (IZR den)); [easy|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  apply (Rmult_le_reg_l (INR (samples s))); [easy|]. nra.
Qed.

Lemma near_ok num den sum start loss first : (0 < den)%Z -> INR (samples s) * loss <= sval sum ->
  sval start = INR (samples s) * first -> near (samples s) num den sum start = true -> loss <= first + IZR num / IZR den.
Proof.
  intros Hd E Es H. apply sle_ok in H. rewrite sadd_ok, !stimes_ok, sval_whole, Es in H.
  pose proof count_pos as HN. apply IZR_lt in Hd.
  apply (Rmult_le_reg_r (IZR den)); [easy|]. rewrite Rmult_plus_distr_r. unfold Rdiv.
  rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. apply (Rmult_le_reg_l (INR (samples s))); [easy|]. nra.
Qed.

Lemma far_ok num den sum start loss first : (0 < den)%Z -> sval sum = INR (samples s) * loss ->
  sval start = INR (samples s) * first -> far (samples s) num den sum start = true -> loss + IZR num / IZR den <= first.
Proof.
  intros Hd E Es H. apply sle_ok in H. rewrite sadd_ok, !stimes_ok, sval_whole, E, Es in H.
  pose proof count_pos as HN. apply IZR_lt in Hd.
  apply (Rmult_le_reg_r (IZR den)); [easy|]. rewrite Rmult_plus_distr_r. unfold Rdiv.
  rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. apply (Rmult_le_reg_l (INR (samples s))); [easy|]. nra.
Qed.
End Probes.
