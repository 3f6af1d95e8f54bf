(** T9C [ours, after T9] (blueprint-2, section 3b): two chains whose units are channels, of one shape and any depth, with
    biases or without, joined through networks that read half of every layer's channels. Every segment is silent or
    moves the readout alone. A layer is any map that is linear in its weights and reads every channel below by weights
    of its own; behind it stands any map of one channel (`channel_chains.v`): convolutions without groups, dense
    layers, ReLUs, pooling, flattens.

    Definitions: [free_slots], slots of a layer that are in neither of two lists; [enlarged], a list filled up with
    them to n slots; [across], slots of two enlarged halves exchanged, an involution; [narrower_channels], A_k: A's
    layers up to k, of layer k and above only the kept channels are read; [placing], in which slots its channels lie on
    the way; [lit], those that are live; [placed_net], A_k so placed; [stage_of], these two; [halves_of], the
    hypothesis on what is kept of every layer.
    Statements: T9C. *)

From Coq Require Import Reals Lra List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths chains.
From Skipscape.networks Require Import networks plain_chains.
From Skipscape.lemmas Require Import losses slots relay channel_chains.
Import ListNotations.
Open Scope R_scope.

(** * Halves of a layer, exchanged *)

Definition free_slots (m : nat) (I J : list nat) : list nat :=
  filter (fun j => andb (negb (mem j I)) (negb (mem j J))) (seq 0 m).
Definition enlarged (m n : nat) (I J : list nat) : list nat := I ++ firstn (n - length I) (free_slots m I J).

Lemma firstn_In {T : Type} n (l : list T) x : In x (firstn n l) -> In x l.
Proof. intros H. rewrite <- (firstn_skipn n l). apply in_app_iff. now left. Qed.

Lemma firstn_NoDup {T : Type} n (l : list T) : NoDup l -> NoDup (firstn n l).
Proof.
  revert n. induction l as [|a l IH]; intros [|n] H; simpl; try constructor.
  - inversion_clear H as [|? ? Ha Hl]. intros Hin. apply Ha. now apply (firstn_In n).
  - inversion_clear H. now apply IH.
Qed.

Lemma in_free m I J j : In j (free_slots m I J) <-> (j < m)%nat /\ ~ In j I /\ ~ In j J.
Proof.
  unfold free_slots. rewrite filter_In, in_rng, Bool.andb_true_iff, !Bool.negb_true_iff, !mem_false. tauto.
Qed.

Lemma enlarged_spec m n I J : NoDup I -> NoDup J -> (forall j, In j I -> (j < m)%nat) ->
  (forall j, In j I -> ~ In j J) -> (length I <= n)%nat -> (n + length J <= m)%nat ->
  let E := enlarged m n I J in
  NoDup E /\ length E = n /\ (forall j, In j E -> (j < m)%nat) /\ incl I E /\ (forall j, In j E -> ~ In j J).
Proof.
  intros HI HJ HIm Hd Hn Hm E. set (F := free_slots m I J).
  assert (HF : (n - length I <= length F)%nat).
  { assert (H : (length (seq 0 m) <= length (F ++ I ++ J))%nat).
    { apply NoDup_incl_length; [apply seq_NoDup|]. intros j Hj. apply in_rng in Hj. rewrite !in_app_iff.
      destruct (in_dec Nat.eq_dec j I); [tauto|]. destruct (in_dec Nat.eq_dec j J); [tauto|].
      left. now apply in_free. }
    rewrite seq_length, !app_length in H. lia. }
  assert (HinF : forall j, In j (firstn (n - length I) F) -> (j < m)%nat /\ ~ In j I /\ ~ In j J).
  { intros j Hj. apply in_free. now apply (firstn_In (n - length I)). }
  split; [|split; [|split; [|split]]].
  - assert (HNF : NoDup (firstn (n - length I) F)) by (apply firstn_NoDup, NoDup_filter, seq_NoDup).
    unfold E, enlarged. fold F. clear HF HinF E. revert HI.
    assert (Hout : forall j, In j I -> ~ In j (firstn (n - length I) F)).
    { intros j Hj Hin. apply firstn_In, in_free in Hin. tauto. }
    generalize dependent (firstn (n - length I) F). intros G HNG Hout HI. clear - HNG Hout HI.
    induction I as [|a I IH]; [easy|]. inversion_clear HI as [|? ? Ha HI']. simpl. constructor.
    + rewrite in_app_iff. intros [H|H]; [easy|]. apply (Hout a); [now left | easy].
    + apply IH; [|easy]. intros j Hj. apply Hout. now right.
  - unfold E, enlarged. fold F. rewrite app_length, firstn_length. lia.
  - intros j Hj. apply in_app_iff in Hj. destruct Hj as [Hj|Hj]; [now apply HIm | now apply HinF].
  - intros j Hj. apply in_app_iff. now left.
  - intros j Hj. apply in_app_iff in Hj. destruct Hj as [Hj|Hj]; [now apply Hd | now apply HinF].
Qed.

(** "Enlarge I_k and J_k to disjoint sets of floor(m_k/2) slots": their slots exchanged *)
Definition across (m : nat) (I J : list nat) (j : nat) : nat :=
  let n := Nat.div2 m in let E := enlarged m n I J in let F := enlarged m n J E in
  if mem j E then nth (pos j E) F O else if mem j F then nth (pos j F) E O else j.

Lemma nth_pos j J : In j J -> (pos j J < length J)%nat /\ nth (pos j J) J O = j.
Proof.
  induction J as [|a J IH]; [easy|]. intros H. simpl. destruct (Nat.eqb_spec j a) as [->|Hne]; [split; [lia | easy]|].
  destruct H as [H|H]; [congruence|]. destruct (IH H). split; [lia | easy].
Qed.

Lemma across_spec m I J : NoDup I -> NoDup J -> (forall j, In j I -> (j < m)%nat) -> (forall j, In j J -> (j < m)%nat) ->
  (forall j, In j I -> ~ In j J) -> (2 * length I <= m)%nat -> (2 * length J <= m)%nat ->
  (forall j, across m I J (across m I J j) = j) /\ (forall j, (j < m)%nat -> (across m I J j < m)%nat) /\
  (forall j, In j I -> ~ In (across m I J j) I) /\ (forall j, In j J -> ~ In (across m I J j) J).
Proof.
  intros HI HJ HIm HJm Hd HI2 HJ2.
  pose proof (Nat.div2_odd m) as Hm. assert (Hodd : (Nat.b2n (Nat.odd m) <= 1)%nat) by (destruct (Nat.odd m); simpl; lia).
  set (n := Nat.div2 m) in *. set (E := enlarged m n I J). set (F := enlarged m n J E).
  destruct (enlarged_spec m n I J HI HJ HIm Hd) as (HE & HEn & HEm & HIE & HEJ); [lia | lia |]. fold E in HE, HEn, HEm,
    HIE, HEJ.
  destruct (enlarged_spec m n J E HJ HE HJm) as (HF & HFn & HFm & HJF & HFE); [|lia | lia |].
  { intros j Hj Hin. now apply (HEJ j). }
  fold F in HF, HFn, HFm, HJF, HFE.
  assert (HacrossE : forall j, In j E -> across m I J j = nth (pos j E) F O /\ In (across m I J j) F).
  { intros j Hj. unfold across. fold n E F. rewrite (proj2 (mem_In j E) Hj). split; [easy|]. apply nth_In.
    destruct (nth_pos j E Hj). lia. }
  assert (HacrossF : forall j, In j F -> across m I J j = nth (pos j F) E O /\ In (across m I J j) E).
  { intros j Hj. unfold across. fold n E F. rewrite (proj2 (mem_false j E) (HFE j Hj)), (proj2 (mem_In j F) Hj).
    split; [easy|]. apply nth_In. destruct (nth_pos j F Hj). lia. }
  split; [|split; [|split]].
  - intros j. destruct (in_dec Nat.eq_dec j E) as [Hj|Hj]; [|destruct (in_dec Nat.eq_dec j F) as [Hj'|Hj']].
    + destruct (HacrossE j Hj) as [E1 H1]. destruct (HacrossF _ H1) as [E2 _]. rewrite E2, E1.
      destruct (nth_pos j E Hj). now rewrite pos_nth by (easy || lia).
    + destruct (HacrossF j Hj') as [E1 H1]. destruct (HacrossE _ H1) as [E2 _]. rewrite E2, E1.
      destruct (nth_pos j F Hj'). now rewrite pos_nth by (easy || lia).
    + assert (E0 : across m I J j = j).
      { unfold across. fold n E F. now rewrite (proj2 (mem_false j E) Hj), (proj2 (mem_false j F) Hj'). }
      now rewrite !E0.
  - intros j Hj. destruct (in_dec Nat.eq_dec j E) as [He|He]; [now apply HFm, HacrossE|].
    destruct (in_dec Nat.eq_dec j F) as [Hf|Hf]; [now apply HEm, HacrossF|].
    unfold across. fold n E F. now rewrite (proj2 (mem_false j E) He), (proj2 (mem_false j F) Hf).
  - intros j Hj Hin. apply (HFE (across m I J j)); [now apply HacrossE, HIE | now apply HIE].
  - intros j Hj Hin. apply (HFE (across m I J j)); [now apply HJF | now apply HacrossF, HJF].
Qed.

(** "disjoint, at most m_k/2 of each" *)
Definition halves_of (K : nat) (size : nat -> nat) (I J : nat -> list nat) : Prop := forall h, (1 <= h <= K)%nat ->
  NoDup (I h) /\ NoDup (J h) /\ (forall j, In j (I h) -> (j < size h)%nat) /\
  (forall j, In j (J h) -> (j < size h)%nat) /\ (forall j, In j (I h) -> ~ In j (J h)) /\
  (2 * length (I h) <= size h)%nat /\ (2 * length (J h) <= size h)%nat.

(** * The networks on the way *)

Section HalfChannels.
Variables (X : data) (K : nat) (size taps : nat -> nat) (biased : nat -> bool).
Variables (image : vector -> nat -> vector) (tap : nat -> vector -> nat -> nat -> R) (after : nat -> vector -> vector).
Notation net := (channel_net K size taps biased X image tap after).
Notation rows := (live_rows K size taps biased).

(** "keeps A's layers up to k, but reads of layer k only I_k, by any layers k+1 to K of widths |I_j| and any readout":
    the tail's channels lie in the kept slots, what the other slots have does not matter *)
Definition narrower_channels (P : channel_param) (I : nat -> list nat) (k : nat) (N : channel_param) : Prop :=
  (forall h j, (1 <= h <= k)%nat -> (j < size h)%nat ->
    (forall i n, (i < size (h - 1))%nat -> (n < taps h)%nat -> N (Kernel h j i n) = P (Kernel h j i n)) /\
    (biased h = true -> N (Shift h j) = P (Shift h j))) /\
  (forall h j i n, (k < h <= K)%nat -> In j (I h) -> (i < size (h - 1))%nat -> (n < taps h)%nat ->
    ~ In i (I (h - 1)%nat) -> N (Kernel h j i n) = 0) /\
  (forall j n c, (j < size K)%nat -> (n < taps (S K))%nat -> ~ In j (I K) -> N (ReadOf j n c) = 0).

(** ** From the top layer down *)

Section Descent.
(** the kept channels of one of the two networks, and slots of every layer exchanged *)
Variables (P0 : channel_param) (I : nat -> list nat) (s : nat -> nat -> nat) (N : nat -> channel_param).
Hypothesis Hs : forall h j, s h (s h j) = j.
Hypothesis Hw : forall h j, (1 <= h)%nat -> (j < size h)%nat -> (s h j < size h)%nat.
Hypothesis Hfree : forall h j, (1 <= h <= K)%nat -> In j (I h) -> ~ In (s h j) (I h).
Hypothesis HN : forall k, (1 <= k <= K)%nat -> narrower_channels P0 I k (N k).

(** the tail of A_k lies in its own slots in layers k + 2, k + 4, .., in the others' in layers k + 1, k + 3, .. *)
Definition placing (k h j : nat) : nat := if Nat.leb h k then j else if Nat.even (h - k) then j else s h j.
Definition lit (k : nat) : live := fun h j => if Nat.ltb h k then true else mem (placing k h j) (I h).
Definition placed_net (k : nat) : channel_param := channels_renamed K (placing k) (N k).
Definition stage_of (k : nat) : stage := (rows (lit k), placed_net k).

Lemma placing_below k h j : (h <= k)%nat -> placing k h j = j.
Proof. intros H. unfold placing. now rewrite (proj2 (Nat.leb_le h k) H). Qed.

Lemma placing_twice k h j : placing k h (placing k h j) = j.
Proof. unfold placing. destruct (Nat.leb h k); [easy|]. destruct (Nat.even (h - k)); [easy | apply Hs]. Qed.

Lemma placing_size k h j : (j < size h)%nat -> (placing k h j < size h)%nat.
Proof.
  intros H. unfold placing. destruct (Nat.leb_spec h k) as [Hle|Hlt]; [easy|].
  destruct (Nat.even (h - k)); [easy|]. apply Hw; [lia | easy].
Qed.

Lemma placed_output k : net (placed_net k) = net (N k).
Proof.
  apply renamed_channels; [intros; now apply placing_below; lia | apply placing_twice | apply placing_size].
Qed.

Lemma stage_decides k : (1 <= k <= K)%nat -> decides inner net (stage_of k).
Proof.
  intros Hk. destruct (HN k Hk) as (_ & Hin & Hread). apply channels_decide; [lia|]. split.
  - intros h j i n Hh Hj Hi Hn Hl Hd. unfold lit in Hl, Hd. destruct (Nat.ltb_spec (h - 1) k) as [|Hge]; [easy|].
    destruct (Nat.ltb_spec h k) as [|_]; [lia|]. unfold placed_net, channels_renamed.
    apply Hin; [lia | now apply mem_In | now apply placing_size | easy | now apply mem_false].
  - intros j n c Hj Hn Hd. unfold lit in Hd. destruct (Nat.ltb_spec K k) as [|_]; [lia|].
    unfold placed_net, channels_renamed. apply Hread; [now apply placing_size | easy | now apply mem_false].
Qed.

(** one layer down the slots change over *)
Lemma lit_free k h j : (2 <= k <= h)%nat -> (h <= K)%nat -> lit (k - 1) h j = true -> lit k h j = false.
Proof.
  intros Hh HhK. unfold lit. destruct (Nat.ltb_spec h (k - 1)) as [|_]; [lia|].
  destruct (Nat.ltb_spec h k) as [|_]; [lia|]. intros Hl. apply mem_In in Hl. apply mem_false. unfold placing in *.
  destruct (Nat.leb_spec h (k - 1)) as [|_]; [lia|]. replace (h - (k - 1))%nat with (S (h - k)) in Hl by lia.
  rewrite Nat.even_succ, <- Nat.negb_even in Hl.
  destruct (Nat.leb_spec h k) as [Hle|Hgt].
  - replace (h - k)%nat with O in Hl by lia. simpl in Hl. intros Hin. apply (Hfree h j); [lia | easy | easy].
  - destruct (Nat.even (h - k)); simpl in Hl; intros Hin; apply (Hfree h j); try lia; easy.
Qed.

(** up to layer k, A_k is A *)
Lemma placed_below k x : (1 <= k <= K)%nat -> rows (fun h _ => Nat.leb h k) x = true -> placed_net k x = P0 x.
Proof.
  intros Hk Hx. apply rows_of in Hx. destruct (HN k Hk) as (Hbelow & _). destruct x as [h j i n | h j | |]; try easy.
  - destruct Hx as (Hh & Hj & Hi & Hn & Hl). apply Nat.leb_le in Hl. unfold placed_net, channels_renamed.
    rewrite !placing_below by lia. now apply (proj1 (Hbelow h j ltac:(lia) Hj)).
  - destruct Hx as (Hh & Hj & Hb & Hl). apply Nat.leb_le in Hl. unfold placed_net, channels_renamed.
    rewrite !placing_below by lia. now apply (proj2 (Hbelow h j ltac:(lia) Hj)).
Qed.

Lemma rows_more S0 S1 x : (forall h j, (1 <= h <= K)%nat -> S0 h j = true -> S1 h j = true) ->
  rows S0 x = true -> rows S1 x = true.
Proof.
  intros H Hx. apply rows_of in Hx. destruct x as [h j i n | h j | |]; try easy.
  - destruct Hx as (Hh & Hj & Hi & Hn & Hl). apply live_kernel; auto.
  - destruct Hx as (Hh & Hj & Hb & Hl). apply live_shift; auto.
Qed.

Lemma rows_both S0 S1 x : rows S0 x = true -> rows S1 x = true -> rows (fun h j => andb (S0 h j) (S1 h j)) x = true.
Proof.
  intros Hx Hy. apply rows_of in Hx. apply rows_of in Hy. destruct x as [h j i n | h j | |]; try easy.
  - apply live_kernel; try tauto. destruct Hx as (_ & _ & _ & _ & ->), Hy as (_ & _ & _ & _ & ->). easy.
  - apply live_shift; try tauto. destruct Hx as (_ & _ & _ & ->), Hy as (_ & _ & _ & ->). easy.
Qed.

Lemma next_agrees k : (2 <= k <= K)%nat -> agree inner (stage_of k) (stage_of (k - 1)).
Proof.
  intros Hk x _ H1 H2. pose proof (rows_both _ _ x H1 H2) as H. cbn [snd stage_of].
  assert (E : rows (fun h _ => Nat.leb h (k - 1)) x = true).
  { refine (rows_more _ _ x _ H). intros h j Hh Hb. apply Bool.andb_true_iff in Hb. destruct Hb as [Hb1 Hb2].
    destruct (Nat.leb_spec h (k - 1)) as [|Hlt]; [easy|]. rewrite (lit_free k h j) in Hb1; try easy; lia. }
  rewrite (placed_below (k - 1) x ltac:(lia) E). apply placed_below; [lia|]. refine (rows_more _ _ x _ E).
  intros h j Hh Hb. apply Nat.leb_le in Hb. apply Nat.leb_le. lia.
Qed.

Lemma descent : forall e k, (k + e = K)%nat -> (1 <= k)%nat -> exists L, stages inner (whole P0) L (stage_of k) /\
  (forall x, In x L -> exists h, (k <= h <= K)%nat /\ x = stage_of h) /\
  (forall h, (k <= h <= K)%nat -> In (stage_of h) L).
Proof.
  induction e as [|e IH]; intros k Hk Hk1.
  - replace k with K in * by lia. exists [stage_of K]. split; [|split].
    + apply stages_next; [|apply stages_end]. intros x _ _ H. symmetry. apply placed_below; [lia|].
      refine (rows_more _ _ x _ H). intros h j Hh _. apply Nat.leb_le. lia.
    + intros x [<-|[]]. exists K. split; [lia | easy].
    + intros h Hh. left. f_equal. lia.
  - destruct (IH (S k) ltac:(lia) ltac:(lia)) as (L & HL & Hin & Hall). exists (L ++ [stage_of k]). split; [|split].
    + apply (stages_app _ _ _ _ _ _ HL). apply stages_next; [|apply stages_end].
      pose proof (next_agrees (S k) ltac:(lia)) as H. now replace (S k - 1)%nat with k in H by lia.
    + intros x Hx. apply in_app_iff in Hx. destruct Hx as [Hx|[<-|[]]]; [|exists k; split; [lia | easy]].
      destruct (Hin x Hx) as (h & Hh & E). exists h. split; [lia | easy].
    + intros h Hh. apply in_app_iff. destruct (Nat.eq_dec h k) as [->|Hne]; [right; now left|]. left. apply Hall. lia.
Qed.
End Descent.

(** "joined by a path of silent and readout segments, and the maximum of the loss over the whole path is the maximum of
    the losses of A, A_K, ..., A_1, B_1, ..., B_K, B": every point of the path is at most as high as some corner,
    every corner has the loss of one of these networks, and each of these is a corner *)
Theorem T9C_half_channels Phi P P' (I J : nat -> list nat) (N N' : nat -> channel_param) : (1 <= K)%nat ->
  max_at_ends Phi -> halves_of K size I J ->
  (forall k, (1 <= k <= K)%nat -> narrower_channels P I k (N k) /\ narrower_channels P' J k (N' k)) ->
  let loss Q := Phi (net Q) in
  let listed Q := loss Q = loss P \/ loss Q = loss P' \/
    exists k, (1 <= k <= K)%nat /\ (loss Q = loss (N k) \/ loss Q = loss (N' k)) in
  exists corners gam, chain (silent_or_read inner net) P corners P' /\ path gam /\ gam 0 = P /\ gam 1 = P' /\
    (forall Q, In Q (P :: corners) -> listed Q /\ exists t, 0 <= t <= 1 /\ gam t = Q) /\
    (forall t, 0 <= t <= 1 -> exists Q, In Q (P :: corners) /\ loss (gam t) <= loss Q) /\
    (forall k, (1 <= k <= K)%nat ->
      exists Q Q', In Q corners /\ In Q' corners /\ loss Q = loss (N k) /\ loss Q' = loss (N' k)).
Proof.
  intros HK HPhi Hhalves HN loss listed.
  set (s := fun h j => if andb (Nat.leb 1 h) (Nat.leb h K) then across (size h) (I h) (J h) j else j).
  assert (Hinside : forall h, (1 <= h <= K)%nat -> forall j, s h j = across (size h) (I h) (J h) j).
  { intros h [H1 H2] j. unfold s. apply Nat.leb_le in H1, H2. now rewrite H1, H2. }
  assert (Hs : forall h j, s h (s h j) = j).
  { intros h j. unfold s. destruct (Nat.leb_spec 1 h); [|easy]. destruct (Nat.leb_spec h K); [|easy]. cbn [andb].
    destruct (Hhalves h ltac:(lia)) as (H1 & H2 & H3 & H4 & H5 & H6 & H7). now apply across_spec. }
  assert (Hw : forall h j, (1 <= h)%nat -> (j < size h)%nat -> (s h j < size h)%nat).
  { intros h j Hh Hj. unfold s. destruct (Nat.leb_spec 1 h); [|easy]. destruct (Nat.leb_spec h K); [|easy]. cbn [andb].
    destruct (Hhalves h ltac:(lia)) as (H1 & H2 & H3 & H4 & H5 & H6 & H7). now apply across_spec. }
  assert (HfI : forall h j, (1 <= h <= K)%nat -> In j (I h) -> ~ In (s h j) (I h)).
  { intros h j Hh. rewrite (Hinside h Hh).
    destruct (Hhalves h Hh) as (H1 & H2 & H3 & H4 & H5 & H6 & H7). now apply across_spec. }
  assert (HfJ : forall h j, (1 <= h <= K)%nat -> In j (J h) -> ~ In (s h j) (J h)).
  { intros h j Hh. rewrite (Hinside h Hh).
    destruct (Hhalves h Hh) as (H1 & H2 & H3 & H4 & H5 & H6 & H7). now apply across_spec. }
  assert (HNI : forall k, (1 <= k <= K)%nat -> narrower_channels P I k (N k)) by (intros k Hk; now apply HN).
  assert (HNJ : forall k, (1 <= k <= K)%nat -> narrower_channels P' J k (N' k)) by (intros k Hk; now apply HN).
  destruct (descent P I s N HfI HNI (K - 1) 1 ltac:(lia) ltac:(lia)) as (L & HL & HinL & HallL).
  destruct (descent P' J s N' HfJ HNJ (K - 1) 1 ltac:(lia) ltac:(lia)) as (M & HM & HinM & HallM).
  destruct (stages_rev _ _ _ _ HM) as (M' & HM' & HiffM).
  assert (Hjoin : agree inner (stage_of I s N 1) (stage_of J s N' 1)).
  { intros x _ H1 H2. exfalso. cbn [fst stage_of] in H1, H2.
    assert (Hlit : forall h j, (1 <= h <= K)%nat -> lit I s 1 h j = true -> lit J s 1 h j = true -> False).
    { intros h j Hh. unfold lit. destruct (Nat.ltb_spec h 1) as [|_]; [lia|]. intros Hi Hj.
      apply mem_In in Hi. apply mem_In in Hj. destruct (Hhalves h Hh) as (_ & _ & _ & _ & H5 & _).
      now apply (H5 (placing s 1 h j)). }
    apply rows_of in H1. apply rows_of in H2. destruct x as [h j i n | h j | |]; try easy; apply (Hlit h j); tauto. }
  set (all := L ++ (stage_of J s N' 1 :: M')).
  assert (Hall : stages inner (whole P) all (whole P')).
  { apply (stages_app _ _ _ _ _ _ HL). now apply stages_next. }
  assert (HinAll : forall x, In x all -> x = whole P' \/
    exists k, (1 <= k <= K)%nat /\ (x = stage_of I s N k \/ x = stage_of J s N' k)).
  { intros x Hx. unfold all in Hx. apply in_app_iff in Hx. destruct Hx as [Hx|Hx].
    - destruct (HinL x Hx) as (k & Hk & E). right. exists k. auto.
    - apply HiffM in Hx. destruct Hx as [<-|Hx]; [now left|]. destruct (HinM x Hx) as (k & Hk & E). right. exists k. auto. }
  destruct (relayed inner net Phi P P' all HPhi) as (corners & gam & HC & Hg & g0 & g1 & Hcor & Hbelow & Hcov).
  { apply channels_affine. }
  { exact Hall. }
  { intros x Hx. destruct (HinAll x Hx) as [->|(k & Hk & [->| ->])]; [apply whole_decides| |].
    - now apply (stage_decides P I s N Hw HNI).
    - now apply (stage_decides P' J s N' Hw HNJ). }
  exists corners, gam. split; [exact HC|]. split; [exact Hg|]. split; [exact g0|]. split; [exact g1|].
  split; [|split; [exact Hbelow|]].
  - intros Q HQ. destruct (Hcor Q HQ) as ((x & Hx & E) & Ht). split; [|exact Ht]. unfold listed, loss in *.
    destruct Hx as [<-|Hx]; [now left|]. destruct (HinAll x Hx) as [->|(k & Hk & [->| ->])]; [right; now left| |];
      right; right; exists k; (split; [easy|]); rewrite E; cbn [snd stage_of];
      rewrite placed_output by easy; auto.
  - intros k Hk. destruct (Hcov (stage_of I s N k)) as (Q & HQ & E).
    { unfold all. apply in_app_iff. left. now apply HallL. }
    destruct (Hcov (stage_of J s N' k)) as (Q' & HQ' & E').
    { unfold all. apply in_app_iff. right. apply HiffM. right. now apply HallM. }
    exists Q, Q'. unfold loss in *. cbn [snd stage_of] in E, E'. rewrite placed_output in E, E' by easy. auto.
Qed.
End HalfChannels.
