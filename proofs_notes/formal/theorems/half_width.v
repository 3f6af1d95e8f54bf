(** T9 [known idea: Kuditipudi et al., Shevchenko and Mondelli, Nguyen; ours: the exact form, the order from the top, any
    tail] (blueprint-2, section 3b): two PLAIN chains of one shape, any depth, any convex loss, joined through networks
    that read half of every layer. Every segment is silent or moves the readout alone.

    Definitions: [free_slots], slots of a layer that are in neither of two lists; [enlarged], a list filled up with
    them to n slots; [across], slots of two enlarged halves exchanged, an involution; [narrower], A_k: A's layers up to
    k, of layer k and above only the kept units are read; [placing], in which slots its units lie on the way;
    [lit], those that are live; [placed_net], A_k so placed; [loaded_tail], the tail of the next network loaded;
    [read_as], the hidden weights of one with the readout of another; [merged], the live rows of one and the others of
    another; [silent_or_read], the two kinds of segments.
    Statements: T9. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths chains.
From Skipscape.networks Require Import networks plain_chains.
From Skipscape.lemmas Require Import losses slots.
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

(** * The networks on the way *)

Section HalfWidth.
Variables (X : data) (K : nat) (wide : nat -> nat).
Notation width := (width X wide).
Notation net := (chain_net X K wide).

(** "keeps A's layers up to k, but reads of layer k only I_k, by any layers k+1 to K of widths |I_j| and any readout":
    the tail's units lie in the kept slots, what the other slots have does not matter *)
Definition narrower (P : chain_param) (I : nat -> list nat) (k : nat) (N : chain_param) : Prop :=
  (forall h j, (1 <= h <= k)%nat -> (j < width h)%nat ->
    (forall i, (i < width (h - 1))%nat -> N (Row h j i) = P (Row h j i)) /\ N (RowBias h j) = P (RowBias h j)) /\
  (forall h j i, (k < h <= K)%nat -> In j (I h) -> (i < width (h - 1))%nat -> ~ In i (I (h - 1)%nat) ->
    N (Row h j i) = 0) /\
  (forall j c, (j < width K)%nat -> ~ In j (I K) -> N (Read j c) = 0).

Definition silent_or_read (P Q : chain_param) : Prop :=
  (forall t, 0 <= t <= 1 -> net (lin t P Q) = net P) \/
  (forall h j i, P (Row h j i) = Q (Row h j i)) /\ (forall h j, P (RowBias h j) = Q (RowBias h j)).

Lemma silent_end P Q : (forall t, 0 <= t <= 1 -> net (lin t P Q) = net P) -> net Q = net P.
Proof. intros H. rewrite <- (lin_1 P Q). apply H. lra. Qed.

Lemma silent_or_read_sym P Q : silent_or_read P Q -> silent_or_read Q P.
Proof.
  intros [H|[H1 H2]]; [left | right; split; intros; symmetry; auto].
  intros t Ht. rewrite <- lin_rev, H by lra. symmetry. now apply silent_end.
Qed.

(** on a readout line every output is affine *)
Lemma read_line P Q t : (forall h j i, P (Row h j i) = Q (Row h j i)) -> (forall h j, P (RowBias h j) = Q (RowBias h j)) ->
  net (lin t P Q) = fun k c => (1 - t) * net P k c + t * net Q k c.
Proof.
  intros H1 H2.
  assert (HQ : forall h x j, unit_at X wide Q h x j = unit_at X wide P h x j).
  { intros h x. induction h as [|h IH]; intros j; [easy|]. cbn [unit_at]. rewrite H2. f_equal. f_equal.
    apply lsum_ext; intros i _. now rewrite H1, IH. }
  assert (HL : forall h x j, unit_at X wide (lin t P Q) h x j = unit_at X wide P h x j).
  { intros h x. induction h as [|h IH]; intros j; [easy|]. cbn [unit_at].
    replace (lin t P Q (RowBias (S h) j)) with (P (RowBias (S h) j)) by (unfold lin; rewrite <- H2; ring).
    f_equal. f_equal. apply lsum_ext; intros i _. rewrite IH. f_equal. unfold lin. rewrite <- H1. ring. }
  apply matrix_ext; intros k c. unfold chain_net. rewrite !Rmult_plus_distr_l, <- !lsum_scal.
  match goal with |- _ = ?a + ?b + (?c + ?d) => replace (a + b + (c + d)) with ((a + c) + (b + d)) by ring end.
  rewrite <- lsum_plus. f_equal. apply lsum_ext; intros j _. rewrite HL, HQ. unfold lin. ring.
Qed.

Lemma silent_or_read_below Phi P Q t : max_at_ends Phi -> silent_or_read P Q -> 0 <= t <= 1 ->
  Phi (net (lin t P Q)) <= Rmax (Phi (net P)) (Phi (net Q)).
Proof.
  intros HPhi [H|[H1 H2]] Ht; [rewrite H by easy; apply Rmax_l|]. rewrite read_line by easy. now apply HPhi.
Qed.

Lemma chain_rev P L T : chain silent_or_read P L T ->
  exists L', chain silent_or_read T L' P /\ forall Q, In Q (T :: L') <-> In Q (P :: L).
Proof.
  induction 1 as [P | P Q L T H _ (L' & HL' & Hin)].
  - exists nil. split; [apply chain_end | easy].
  - exists (L' ++ [P]). split.
    + apply (chain_app _ T L' Q [P] P HL'). apply chain_segment; [now apply silent_or_read_sym | apply chain_end].
    + intros R0. change (In R0 ((T :: L') ++ [P]) <-> In R0 (P :: Q :: L)). rewrite in_app_iff, Hin. simpl. tauto.
Qed.

(** ** From the top layer down *)

Section Descent.
(** the kept units of one of the two networks, and slots of every layer exchanged *)
Variables (P0 : chain_param) (I : nat -> list nat) (s : nat -> nat -> nat) (N : nat -> chain_param).
Hypothesis Hs : forall h j, s h (s h j) = j.
Hypothesis Hw : forall h j, (1 <= h)%nat -> (j < width h)%nat -> (s h j < width h)%nat.
Hypothesis Hfree : forall h j, (1 <= h)%nat -> In j (I h) -> ~ In (s h j) (I h).
Hypothesis HN : forall k, (1 <= k <= K)%nat -> narrower P0 I k (N k).

(** the tail of A_k lies in its own slots in layers k + 2, k + 4, .., in the others' in layers k + 1, k + 3, .. *)
Definition placing (k h j : nat) : nat := if Nat.leb h k then j else if Nat.even (h - k) then j else s h j.
Definition lit (k : nat) : live := fun h j => if Nat.ltb h k then true else mem (placing k h j) (I h).
Definition placed_net (k : nat) : chain_param := renamed K (placing k) (N k).

Lemma placing_below k h j : (h <= k)%nat -> placing k h j = j.
Proof. intros H. unfold placing. now rewrite (proj2 (Nat.leb_le h k) H). Qed.

Lemma placing_twice k h j : placing k h (placing k h j) = j.
Proof. unfold placing. destruct (Nat.leb h k); [easy|]. destruct (Nat.even (h - k)); [easy | apply Hs]. Qed.

Lemma placing_width k h j : (j < width h)%nat -> (placing k h j < width h)%nat.
Proof.
  intros H. unfold placing. destruct (Nat.leb_spec h k) as [Hle|Hlt]; [easy|].
  destruct (Nat.even (h - k)); [easy|]. apply Hw; [lia | easy].
Qed.

Lemma placed_output k : net (placed_net k) = net (N k).
Proof.
  apply renamed_output; [intros; now apply placing_below; lia | apply placing_twice | apply placing_width].
Qed.

Lemma placed_closed k : (1 <= k <= K)%nat -> closed X K wide (lit k) (placed_net k).
Proof.
  intros Hk. destruct (HN k Hk) as (_ & Hin & Hread). split.
  - intros h j i Hh Hj Hi Hl Hd. unfold lit in Hl, Hd. destruct (Nat.ltb_spec (h - 1) k) as [|Hge]; [easy|].
    destruct (Nat.ltb_spec h k) as [|_]; [lia|]. unfold placed_net, renamed.
    apply Hin; [lia | now apply mem_In | now apply placing_width | now apply mem_false].
  - intros j c Hj Hd. unfold lit in Hd. destruct (Nat.ltb_spec K k) as [|_]; [lia|]. unfold placed_net, renamed.
    apply Hread; [now apply placing_width | now apply mem_false].
Qed.

(** one layer down the slots change over *)
Lemma lit_free k h j : (2 <= k <= h)%nat -> lit (k - 1) h j = true -> lit k h j = false.
Proof.
  intros Hh. unfold lit. destruct (Nat.ltb_spec h (k - 1)) as [|_]; [lia|]. destruct (Nat.ltb_spec h k) as [|_]; [lia|].
  intros Hl. apply mem_In in Hl. apply mem_false. unfold placing in *.
  destruct (Nat.leb_spec h (k - 1)) as [|_]; [lia|]. replace (h - (k - 1))%nat with (S (h - k)) in Hl by lia.
  rewrite Nat.even_succ, <- Nat.negb_even in Hl.
  destruct (Nat.leb_spec h k) as [Hle|Hgt].
  - replace (h - k)%nat with O in Hl by lia. simpl in Hl. intros Hin. apply (Hfree h j); [lia | easy | easy].
  - destruct (Nat.even (h - k)); simpl in Hl; intros Hin; apply (Hfree h j); try lia; easy.
Qed.

Definition loaded_tail (k : nat) (P : chain_param) : chain_param := fun x =>
  match x with
  | Row h j i => if andb (Nat.leb k h) (lit (k - 1) h j) then placed_net (k - 1) x else P x
  | RowBias h j => if andb (Nat.leb k h) (lit (k - 1) h j) then placed_net (k - 1) x else P x
  | _ => P x
  end.
Definition read_as (T P : chain_param) : chain_param := fun x =>
  match x with Row _ _ _ | RowBias _ _ => P x | _ => T x end.

Lemma loaded_same k P : (2 <= k <= K)%nat -> same_live X K wide (lit k) P (placed_net k) ->
  same_live X K wide (lit k) (loaded_tail k P) (placed_net k).
Proof.
  intros Hk (Hrows & Hread & Hbias). split; [|split; [exact Hread | exact Hbias]].
  intros h j Hh Hj Hl. unfold loaded_tail. destruct (Nat.leb_spec k h) as [Hle|Hlt]; [|now apply Hrows].
  destruct (lit (k - 1) h j) eqn:E; [|now apply Hrows]. apply lit_free in E; [congruence | lia].
Qed.

Lemma next_same k P : (2 <= k <= K)%nat -> same_live X K wide (lit k) P (placed_net k) ->
  same_live X K wide (lit (k - 1)) (read_as (placed_net (k - 1)) (loaded_tail k P)) (placed_net (k - 1)).
Proof.
  intros Hk (Hrows & _ & _). split; [|split; easy].
  intros h j Hh Hj Hl. cbn [read_as loaded_tail]. rewrite Hl. destruct (Nat.leb_spec k h) as [Hle|Hlt]; [easy|].
  cbn [andb]. destruct (HN k ltac:(lia)) as (Hk1 & _ & _). destruct (HN (k - 1) ltac:(lia)) as (Hk2 & _ & _).
  assert (Elit : lit k h j = true) by (unfold lit; now rewrite (proj2 (Nat.ltb_lt h k) Hlt)).
  destruct (Hrows h j Hh Hj Elit) as [Hr Hb]. destruct (Hk1 h j ltac:(lia) Hj) as [A1 A2].
  destruct (Hk2 h j ltac:(lia) Hj) as [B1 B2]. unfold placed_net, renamed in *. split.
  - intros i Hi. rewrite (Hr i Hi), !placing_below by lia. now rewrite (A1 i Hi), (B1 i Hi).
  - rewrite Hb, !placing_below by lia. now rewrite A2, B2.
Qed.

Lemma descent : forall e k, (k + e = K)%nat -> (1 <= k)%nat -> exists L P, chain silent_or_read P0 L P /\
  same_live X K wide (lit k) P (placed_net k) /\
  (forall Q, In Q L -> exists h, (k <= h <= K)%nat /\ net Q = net (N h)) /\
  (forall h, (k <= h <= K)%nat -> exists Q, In Q L /\ net Q = net (N h)).
Proof.
  induction e as [|e IH]; intros k Hk Hk1.
  - replace k with K in * by lia. destruct (HN K ltac:(lia)) as (HP & _ & _).
    set (P := read_as (placed_net K) P0).
    assert (Hsame : same_live X K wide (lit K) P (placed_net K)).
    { split; [|split; easy]. intros h j Hh Hj _. destruct (HP h j Hh Hj) as [H1 H2]. unfold P, placed_net, renamed,
        read_as. split; [intros i Hi|]; rewrite !placing_below by lia; symmetry; auto. }
    assert (Hout : net P = net (N K)).
    { rewrite <- placed_output. apply (live_output X K wide (lit K)); [lia | exact Hsame | apply placed_closed; lia]. }
    exists [P], P. split; [|split; [exact Hsame|split]].
    + apply chain_segment; [right; split; intros; easy | apply chain_end].
    + intros Q [<-|[]]. exists K. split; [lia | exact Hout].
    + intros h Hh. exists P. split; [now left|]. now replace h with K by lia.
  - destruct (IH (S k) ltac:(lia) ltac:(lia)) as (L & P & HL & Hsame & Hin & Hall).
    set (P1 := loaded_tail (S k) P). set (P2 := read_as (placed_net k) P1).
    assert (Hs1 : same_live X K wide (lit (S k)) P1 (placed_net (S k))) by (apply loaded_same; [lia | exact Hsame]).
    assert (Hs2 : same_live X K wide (lit k) P2 (placed_net k)).
    { pose proof (next_same (S k) P ltac:(lia) Hsame) as H. now replace (S k - 1)%nat with k in H by lia. }
    assert (Hc : closed X K wide (lit (S k)) (placed_net (S k))) by (apply placed_closed; lia).
    assert (HoutP : net P = net (N (S k))).
    { rewrite <- placed_output. apply (live_output X K wide (lit (S k))); [lia | exact Hsame | exact Hc]. }
    assert (Hout1 : net P1 = net (N (S k))).
    { rewrite <- placed_output. apply (live_output X K wide (lit (S k))); [lia | exact Hs1 | exact Hc]. }
    assert (Hout2 : net P2 = net (N k)).
    { rewrite <- placed_output. apply (live_output X K wide (lit k)); [lia | exact Hs2 | apply placed_closed; lia]. }
    exists (L ++ [P1; P2]), P2. split; [|split; [exact Hs2|split]].
    + apply (chain_app _ P0 L P [P1; P2] P2 HL). apply chain_segment; [left|apply chain_segment; [right | apply chain_end]].
      * intros t Ht. rewrite HoutP, <- placed_output.
        apply (live_output X K wide (lit (S k))); [lia | now apply same_live_line | exact Hc].
      * split; intros; easy.
    + intros Q HQ. apply in_app_iff in HQ. destruct HQ as [HQ|[<-|[<-|[]]]].
      * destruct (Hin Q HQ) as (h & Hh & E). exists h. split; [lia | easy].
      * exists (S k). split; [lia | easy].
      * exists k. split; [lia | easy].
    + intros h Hh. destruct (Nat.eq_dec h k) as [->|Hne].
      * exists P2. split; [apply in_app_iff; right; right; now left | easy].
      * destruct (Hall h ltac:(lia)) as (Q & HQ & E). exists Q. split; [apply in_app_iff; now left | easy].
Qed.
End Descent.

(** the two halves next to one another *)
Definition merged (S0 : live) (P Q : chain_param) : chain_param := fun x =>
  match x with
  | Row h j i => if S0 h j then P x else Q x
  | RowBias h j => if S0 h j then P x else Q x
  | _ => P x
  end.

Lemma join_halves S0 S1 P Q T T' : (1 <= K)%nat -> (forall h j, (1 <= h)%nat -> S0 h j = true -> S1 h j = false) ->
  same_live X K wide S0 P T -> closed X K wide S0 T -> same_live X K wide S1 Q T' -> closed X K wide S1 T' ->
  exists L, chain silent_or_read P L Q /\ In Q L /\ forall R0, In R0 L -> net R0 = net P \/ net R0 = net Q.
Proof.
  intros HK Hd HP HT HQ HT'. set (R1 := merged S0 P Q). set (R2 := read_as Q R1).
  pose proof (live_output X K wide S0 P T HK HP HT) as EP. pose proof (live_output X K wide S1 Q T' HK HQ HT') as EQ.
  assert (H1 : same_live X K wide S0 R1 T).
  { destruct HP as (Hrows & Hread & Hbias). split; [|split; [exact Hread | exact Hbias]].
    intros h j Hh Hj Hl. unfold R1, merged. rewrite Hl. now apply Hrows. }
  assert (H2 : same_live X K wide S1 R2 T').
  { destruct HQ as (Hrows & Hread & Hbias). split; [|split; [exact Hread | exact Hbias]].
    intros h j Hh Hj Hl. unfold R2, R1, merged, read_as. destruct (S0 h j) eqn:E.
    - rewrite (Hd h j) in Hl; [easy | lia | easy].
    - now apply Hrows. }
  exists [R1; R2; Q]. split; [|split; [right; right; now left|]].
  - apply chain_segment; [left|apply chain_segment; [right|apply chain_segment; [left | apply chain_end]]].
    + intros t Ht. rewrite EP. apply (live_output X K wide S0); [easy | now apply same_live_line | easy].
    + split; intros; easy.
    + intros t Ht. rewrite (live_output X K wide S1 R2 T' HK H2 HT').
      apply (live_output X K wide S1); [easy | now apply same_live_line | easy].
  - intros R0 [<-|[<-|[<-|[]]]].
    + left. rewrite EP. now apply (live_output X K wide S0).
    + right. rewrite EQ. now apply (live_output X K wide S1).
    + now right.
Qed.

(** "joined by a path of silent and readout segments, and the maximum of the loss over the whole path is the maximum of
    the losses of A, A_K, ..., A_1, B_1, ..., B_K, B": every point of the path is at most as high as some corner,
    every corner has the loss of one of these networks, and each of these is a corner *)
Theorem T9_half_width Phi P P' (I J : nat -> list nat) (N N' : nat -> chain_param) : (1 <= K)%nat -> max_at_ends Phi ->
  (forall h, (1 <= h <= K)%nat -> NoDup (I h) /\ NoDup (J h) /\ (forall j, In j (I h) -> (j < width h)%nat) /\
    (forall j, In j (J h) -> (j < width h)%nat) /\ (forall j, In j (I h) -> ~ In j (J h)) /\
    (2 * length (I h) <= width h)%nat /\ (2 * length (J h) <= width h)%nat) ->
  (forall k, (1 <= k <= K)%nat -> narrower P I k (N k) /\ narrower P' J k (N' k)) ->
  let loss Q := Phi (net Q) in
  let listed Q := loss Q = loss P \/ loss Q = loss P' \/
    exists k, (1 <= k <= K)%nat /\ (loss Q = loss (N k) \/ loss Q = loss (N' k)) in
  exists corners gam, chain silent_or_read P corners P' /\ path gam /\ gam 0 = P /\ gam 1 = P' /\
    (forall Q, In Q (P :: corners) -> listed Q /\ exists t, 0 <= t <= 1 /\ gam t = Q) /\
    (forall t, 0 <= t <= 1 -> exists Q, In Q (P :: corners) /\ loss (gam t) <= loss Q) /\
    (forall k, (1 <= k <= K)%nat ->
      exists Q Q', In Q corners /\ In Q' corners /\ loss Q = loss (N k) /\ loss Q' = loss (N' k)).
Proof.
  intros HK HPhi Hhalves HN loss listed.
  (* beyond layer K nothing is kept *)
  set (I' := fun h => if Nat.leb h K then I h else nil). set (J' := fun h => if Nat.leb h K then J h else nil).
  set (s := fun h j => if andb (Nat.leb 1 h) (Nat.leb h K) then across (width h) (I h) (J h) j else j).
  assert (Hs : forall h j, s h (s h j) = j).
  { intros h j. unfold s. destruct (Nat.leb_spec 1 h); [|easy]. destruct (Nat.leb_spec h K); [|easy]. cbn [andb].
    destruct (Hhalves h ltac:(lia)) as (H1 & H2 & H3 & H4 & H5 & H6 & H7). now apply across_spec. }
  assert (Hw : forall h j, (1 <= h)%nat -> (j < width h)%nat -> (s h j < width h)%nat).
  { intros h j Hh Hj. unfold s. destruct (Nat.leb_spec 1 h); [|easy]. destruct (Nat.leb_spec h K); [|easy]. cbn [andb].
    destruct (Hhalves h ltac:(lia)) as (H1 & H2 & H3 & H4 & H5 & H6 & H7). now apply across_spec. }
  assert (HfI : forall h j, (1 <= h)%nat -> In j (I' h) -> ~ In (s h j) (I' h)).
  { intros h j Hh. unfold s, I'. destruct (Nat.leb_spec 1 h); [|lia]. destruct (Nat.leb_spec h K); [|easy]. cbn [andb].
    destruct (Hhalves h ltac:(lia)) as (H1 & H2 & H3 & H4 & H5 & H6 & H7). now apply across_spec. }
  assert (HfJ : forall h j, (1 <= h)%nat -> In j (J' h) -> ~ In (s h j) (J' h)).
  { intros h j Hh. unfold s, J'. destruct (Nat.leb_spec 1 h); [|lia]. destruct (Nat.leb_spec h K); [|easy]. cbn [andb].
    destruct (Hhalves h ltac:(lia)) as (H1 & H2 & H3 & H4 & H5 & H6 & H7). now apply across_spec. }
  assert (HNI : forall k, (1 <= k <= K)%nat -> narrower P I' k (N k)).
  { intros k Hk. destruct (HN k Hk) as [(H1 & H2 & H3) _]. unfold narrower, I'. split; [exact H1|]. split.
    - intros h j i Hh. rewrite (proj2 (Nat.leb_le h K)), (proj2 (Nat.leb_le (h - 1) K)) by lia. apply H2. lia.
    - rewrite Nat.leb_refl. exact H3. }
  assert (HNJ : forall k, (1 <= k <= K)%nat -> narrower P' J' k (N' k)).
  { intros k Hk. destruct (HN k Hk) as [_ (H1 & H2 & H3)]. unfold narrower, J'. split; [exact H1|]. split.
    - intros h j i Hh. rewrite (proj2 (Nat.leb_le h K)), (proj2 (Nat.leb_le (h - 1) K)) by lia. apply H2. lia.
    - rewrite Nat.leb_refl. exact H3. }
  destruct (descent P I' s N Hs Hw HfI HNI (K - 1) 1 ltac:(lia) ltac:(lia)) as (L & T & HL & HT & HinL & HallL).
  destruct (descent P' J' s N' Hs Hw HfJ HNJ (K - 1) 1 ltac:(lia) ltac:(lia)) as (M & T' & HM & HT' & HinM & HallM).
  pose proof (placed_closed P I' s N Hw HNI 1 ltac:(lia)) as HcI.
  pose proof (placed_closed P' J' s N' Hw HNJ 1 ltac:(lia)) as HcJ.
  destruct (join_halves (lit I' s 1) (lit J' s 1) T T' (placed_net s N 1) (placed_net s N' 1) HK)
    as (G & HG & HlastG & HinG); try assumption.
  { intros h j Hh. unfold lit. destruct (Nat.ltb_spec h 1) as [|_]; [lia|]. intros Hl. apply mem_In in Hl.
    apply mem_false. unfold I', J' in *. destruct (Nat.leb_spec h K); [|easy]. intros Hin.
    destruct (Hhalves h ltac:(lia)) as (_ & _ & _ & _ & H5 & _). now apply (H5 (placing s 1 h j)). }
  destruct (chain_rev P' M T' HM) as (M' & HM' & HinM').
  assert (HTT : In T (P :: L)).
  { clear - HL. induction HL as [P | P Q L T _ _ IH]; [now left | now right]. }
  assert (HTT' : In T' (P' :: M)).
  { clear - HM. induction HM as [P | P Q L T _ _ IH]; [now left | now right]. }
  set (corners := L ++ G ++ M'). assert (HC : chain silent_or_read P corners P').
  { apply (chain_app _ P L T (G ++ M') P' HL), (chain_app _ T G T' M' P' HG HM'). }
  assert (HlistL : forall Q, In Q (P :: L) -> listed Q).
  { intros Q [<-|HQ]; [now left|]. destruct (HinL Q HQ) as (k & Hk & E). right. right. exists k. split; [lia|].
    left. unfold loss. now rewrite E. }
  assert (HlistM : forall Q, In Q (P' :: M) -> listed Q).
  { intros Q [<-|HQ]; [right; now left|]. destruct (HinM Q HQ) as (k & Hk & E). right. right. exists k. split; [lia|].
    right. unfold loss. now rewrite E. }
  destruct (chain_path _ P corners P' HC) as (gam & Hg & g0 & g1 & Hcorners & Hpoints).
  exists corners, gam. split; [exact HC|]. split; [exact Hg|]. split; [exact g0|]. split; [exact g1|]. split; [|split].
  - intros Q HQ. split; [|now apply Hcorners].
    change (In Q ((P :: L) ++ G ++ M')) in HQ. rewrite !in_app_iff in HQ. destruct HQ as [HQ|[HQ|HQ]].
    + now apply HlistL.
    + unfold listed, loss. destruct (HinG Q HQ) as [E|E]; rewrite E; [now apply HlistL | now apply HlistM].
    + apply HlistM, HinM'. now right.
  - intros t Ht. destruct (Hpoints t Ht) as (Q & Q' & r & HQ & HQ' & Hk & Hr & ->).
    assert (H : loss (lin r Q Q') <= Rmax (loss Q) (loss Q')).
    { destruct Hk as [Hk| <-]; [now apply silent_or_read_below|]. rewrite lin_same. apply Rmax_l. }
    destruct (Rle_dec (loss Q) (loss Q')) as [Hle|Hgt].
    + exists Q'. split; [easy|]. now rewrite Rmax_right in H.
    + exists Q. split; [easy|]. rewrite Rmax_left in H by lra. easy.
  - intros k Hk. destruct (HallL k Hk) as (Q & HQ & E). destruct (HallM k Hk) as (Q' & HQ' & E').
    exists Q, Q'. split; [apply in_app_iff; now left|]. split; [|unfold loss; now rewrite E, E'].
    assert (Hin : In Q' (T' :: M')) by (apply HinM'; now right). unfold corners. rewrite !in_app_iff.
    destruct Hin as [<-|Hin]; [right; now left | now right; right].
Qed.
End HalfWidth.
