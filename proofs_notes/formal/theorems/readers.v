(** T2, T3 (blueprint, section 2): which slots are left outside a column basis of the readers, and R4 on them,
    "routes with m - p for m". The readers are V, in a STREAM also A_2, ..., A_K.

    Definitions: [reader_rows], how many rows V, A_2, ..., A_K have together.
    Statements: T2, T3. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean selection linear.
From Skipscape.networks Require Import networks blocks.
From Skipscape.lemmas Require Import slots residual stream_mass.
From Skipscape.theorems Require Import stream_connectivity.
Import ListNotations.
Open Scope R_scope.

(** the l lightest of the slots outside Bs, and a centre among the rest *)
Lemma lightest_outside m p l Bs (s : nat -> R) : length Bs = p -> (p + l < m)%nat -> (forall j, 0 <= s j) ->
  exists J ctr, admissible m l J ctr (fun _ => 0) /\ outside Bs J ctr /\
    lsum J s <= \sum_(j < m) s j * (INR l / INR (m - p)).
Proof.
  intros HLB Hlm Hs0. set (n := (m - p)%nat).
  (* n slots outside Bs *)
  assert (Hfree : exists L, NoDup L /\ length L = n /\ forall i, In i L -> (i < m)%nat /\ ~ In i Bs).
  { assert (Hlen : (m <= length Bs + length (others m Bs))%nat).
    { pose proof (NoDup_incl_length (seq_NoDup m 0) (l' := Bs ++ others m Bs)) as Hincl.
      rewrite seq_length, app_length in Hincl. apply Hincl. intros i Hi. apply in_rng in Hi.
      apply in_app_iff. destruct (in_dec Nat.eq_dec i Bs); [now left | right; now apply in_others]. }
    exists (firstn n (others m Bs)). split; [|split].
    - pose proof (NoDup_filter (fun i => negb (mem i Bs)) (seq_NoDup m 0)) as Hnd. fold (others m Bs) in Hnd.
      rewrite <- (firstn_skipn n (others m Bs)) in Hnd. now apply NoDup_app_l in Hnd.
    - rewrite firstn_length. lia.
    - intros i Hi. apply in_others. rewrite <- (firstn_skipn n (others m Bs)). apply in_app_iff. now left. }
  destruct Hfree as (L & HNL & HLL & HL).
  (* the l lightest of them, and a centre among the rest *)
  set (s' := fun i => s (nth i L O)).
  destruct (L6_selection s' n l) as (K & HNK & HLK & HK & _ & HS); [lia | lia|].
  destruct (exists_free n l (fun k => nth k K O)) as (b & Hb & Fb); [lia|].
  apply (list_free l K b HLK) in Fb.
  assert (Hinj : forall i j, (i < n)%nat -> (j < n)%nat -> nth i L O = nth j L O -> i = j).
  { intros i j Hi Hj Eij. apply (proj1 (NoDup_nth L O) HNL); auto; lia. }
  assert (HbL : In (nth b L O) L) by (apply nth_In; lia).
  exists (map (fun i => nth i L O) K), (fun _ => nth b L O).
  assert (Hmap : forall j, In j (map (fun i => nth i L O) K) -> In j L).
  { intros j Hj. apply in_map_iff in Hj. destruct Hj as (i & <- & Hi). apply nth_In. specialize (HK i Hi). lia. }
  split; [split; [split; [|split]|split]|split; [split|]].
  - clear HS HLK Fb Hmap. induction HNK as [|i K Hi HN IH]; simpl; constructor.
    + rewrite in_map_iff. intros (i' & Ei & Hi'). apply Hi. rewrite (Hinj i i'); auto with datatypes.
    + apply IH. auto with datatypes.
  - now rewrite map_length.
  - intros j Hj. apply HL. now apply Hmap.
  - intros j Hj. split; [now apply HL|]. intros Hin. apply in_map_iff in Hin. destruct Hin as (i & Ei & Hi).
    apply Fb. rewrite <- (Hinj i b); auto.
  - intros; lra.
  - intros b' Hb' Hin. apply Hmap, HL in Hin. easy.
  - intros j _. now apply HL.
  - assert (Hall : \sum_(i < n) s' i <= \sum_(j < m) s j).
    { replace (\sum_(i < n) s' i) with (lsum L s) by (rewrite lsum_nth, HLL; reflexivity).
      rewrite (lsum_split m L s HNL) by (intros; now apply HL).
      enough (0 <= \sum_(j < m) (if mem j L then 0 else s j)) by lra.
      apply lsum_nonneg; intros j _. destruct (mem j L); [lra | easy]. }
    rewrite lsum_map. fold s'. eapply Rle_trans; [exact HS|]. rewrite Rmult_comm.
    apply Rmult_le_compat_r; [|exact Hall].
    apply Rmult_le_pos; [apply pos_INR|]. left. apply Rinv_0_lt_compat, lt_0_INR. lia.
Qed.

(** "|J| = l suffices": T2 with R4 *)
Theorem T2_prune X m B sigma lam P l : (outputs X + l < m)%nat -> moment X sigma -> 0 <= lam ->
  exists J ctr Bs E, admissible m l J ctr (fun _ => 0) /\ outside Bs J ctr /\ basis m (outputs X) P Bs E /\
    deviation X B sigma lam P J ctr (fun _ => 0) <= sigma * mass X m B lam P * (INR l / INR (m - outputs X)).
Proof.
  intros Hlm [Hs _] Hlam.
  destruct (basis_exists X m P ltac:(lia)) as (Bs & E & HLB & HB & Hbasis).
  destruct (lightest_outside m (outputs X) l Bs (neuron_mass X B lam P) HLB Hlm) as (J & ctr & Ha & Ho & HS).
  { intros j. now apply neuron_mass_nonneg. }
  exists J, ctr, Bs, E. split; [easy|]. split; [easy|]. split; [easy|].
  unfold deviation. rewrite Rmult_assoc. apply Rmult_le_compat_l; [easy|]. eapply Rle_trans; [|exact HS].
  right. apply lsum_ext; intros j _. unfold neuron_mass. f_equal. apply enorm_ext; intros; ring.
Qed.

(** the rows of [V; A_2; ..; A_K]: p and what each block but the first reads *)
Definition reader_rows (X : data) (K : nat) (Bl : nat -> branch) : nat :=
  (outputs X + list_sum (map (fun k => branch_in (Bl k)) (seq 1 (K - 1))))%nat.

Lemma listed_rows (width : nat -> nat) L : let rows := flat_map (fun k => map (pair k) (seq 0 (width k))) L in
  length rows = list_sum (map width L) /\
  forall k a, In k L -> (a < width k)%nat -> exists n, (n < length rows)%nat /\ nth n rows (O, O) = (k, a).
Proof.
  intros rows. split.
  - unfold rows. induction L as [|k L IH]; [easy|]. cbn [flat_map map list_sum fold_right].
    rewrite app_length, map_length, seq_length. unfold list_sum in IH. now rewrite IH.
  - intros k a Hk Ha. apply In_nth. unfold rows. apply in_flat_map. exists k. split; [easy|].
    apply in_map. apply in_seq. lia.
Qed.

(** [stream_basis]: as many slots as there are rows span the readers *)
Theorem stream_basis_exists X m K (Bl : nat -> branch) P : (reader_rows X K Bl <= m)%nat ->
  exists Bs E, length Bs = reader_rows X K Bl /\ stream_basis X m K Bl P Bs E.
Proof.
  intros Hm. set (p := outputs X).
  destruct (listed_rows (fun k => branch_in (Bl k)) (seq 1 (K - 1))) as (Hlen & Hrows).
  set (rows := flat_map _ _) in *.
  set (z := fun j n => if Nat.ltb n p then sV P j n else sA P (fst (nth (n - p) rows (O, O))) j (snd (nth (n - p) rows
    (O, O)))).
  destruct (spanning_slots m (reader_rows X K Bl) z Hm) as (Bs & E & HL & _ & Hspan).
  exists Bs, E. split; [easy|]. unfold reader_rows in Hspan. rewrite <- Hlen in Hspan. fold p in Hspan.
  intros j Hj. split.
  - intros c Hc. fold p in Hc. specialize (Hspan j Hj c ltac:(lia)). unfold z in Hspan.
    now rewrite (proj2 (Nat.ltb_lt c p) Hc) in Hspan.
  - intros k Hk a Ha. destruct (Hrows k a) as (n & Hn & En); [apply in_seq; lia | easy |].
    specialize (Hspan j Hj (p + n)%nat ltac:(lia)). unfold z in Hspan.
    replace (Nat.ltb (p + n) p) with false in Hspan by (symmetry; apply Nat.ltb_ge; lia).
    replace (p + n - p)%nat with n in Hspan by lia. rewrite En in Hspan. exact Hspan.
Qed.

(** T3 with R4, outside any basis of the readers *)
Theorem T3_prune_basis X m K Bl sigma lam P l Bs E : stream_basis X m K Bl P Bs E -> (length Bs + l < m)%nat ->
  moment X sigma -> (forall k, (k < K)%nat -> 0 <= lam k) ->
  exists J ctr, admissible m l J ctr (fun _ => 0) /\ outside Bs J ctr /\
    stream_deviation X K Bl sigma lam P J ctr (fun _ => 0)
    <= sigma * stream_mass X m K Bl lam P * (INR l / INR (m - length Bs)).
Proof.
  intros Hbasis Hlm [Hs _] Hlam.
  destruct (lightest_outside m _ l Bs (fun j => enorm (seen X) (sW P j) * stream_out X K Bl lam P j) eq_refl Hlm)
    as (J & ctr & Ha & Ho & HS).
  { intros j. apply Rmult_le_pos; [apply enorm_nonneg|]. unfold stream_out.
    apply Rplus_le_le_0_compat; [apply enorm_nonneg|]. apply lsum_nonneg; intros k Hk. apply in_rng in Hk.
    apply Rmult_le_pos; [now apply Hlam | apply enorm_nonneg]. }
  exists J, ctr. split; [easy|]. split; [easy|].
  unfold stream_deviation. rewrite Rmult_assoc. apply Rmult_le_compat_l; [easy|]. eapply Rle_trans; [|exact HS].
  right. apply lsum_ext; intros j _. f_equal. apply enorm_ext; intros; ring.
Qed.

(** there is one of at most p columns and one for each number that a block but the first reads *)
Theorem T3_prune X m K Bl sigma lam P l : (reader_rows X K Bl + l < m)%nat -> moment X sigma ->
  (forall k, (k < K)%nat -> 0 <= lam k) ->
  exists J ctr Bs E, admissible m l J ctr (fun _ => 0) /\ outside Bs J ctr /\ stream_basis X m K Bl P Bs E /\
    stream_deviation X K Bl sigma lam P J ctr (fun _ => 0)
    <= sigma * stream_mass X m K Bl lam P * (INR l / INR (m - reader_rows X K Bl)).
Proof.
  intros Hlm Hs Hlam. destruct (stream_basis_exists X m K Bl P ltac:(lia)) as (Bs & E & HL & Hb).
  destruct (T3_prune_basis X m K Bl sigma lam P l Bs E Hb ltac:(lia) Hs Hlam) as (J & ctr & H). rewrite HL in H.
  exists J, ctr, Bs, E. tauto.
Qed.
