(** T9S [ours, after T9]: two RESIDUAL, STREAM or POST networks of one shape, whose blocks may read every coordinate, joined
    through networks that read half of the stream and of every hidden layer. Every segment is silent or moves the
    readout alone. Cut k lies behind layer k, cut 0 before the first block.

    Definitions: [turn], the coordinates that are read at a cut, those of A's half and of B's in turn; [side], the
    hidden units of a layer on which the tail behind a cut lies, in turn too; [half_behind], A_c: A's layers up to the
    cut, of it and above it only these coordinates and units are read; [deep_live], the weights that enter what leads
    to an output; [deep_stage], these and the network; [disjoint], the halves.
    Statements: T9S. *)

From Coq Require Import Reals Lra List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums relu paths chains.
From Skipscape.networks Require Import networks deep_streams.
From Skipscape.lemmas Require Import losses relay.
Import ListNotations.
Open Scope R_scope.

Section HalfStream.
Variables (X : data) (m K : nat) (kind : nat -> layer_kind) (units : nat -> nat).
Notation net := (stream_net m K kind units X).
Notation at_layer := (stream_at m kind units (seen X)).

Section OneNetwork.
(** of coordinates and of every hidden layer: A's half and the other *)
Variables (P0 : deep_param) (C C' : nat -> bool) (H H' : nat -> nat -> bool).

Definition turn (k : nat) : nat -> bool := if Nat.even (K - k) then C else C'.
Definition side (k h : nat) : nat -> bool := if Nat.even (h - k) then H h else H' h.
Definition disjoint : Prop := (forall j, C j = true -> C' j = true -> False) /\
  (forall h j, H h j = true -> H' h j = true -> False).

(** "keeps A up to the cut, but reads there only half of the coordinates, in turn A's and B's, and of a hidden layer
    only A's half, by any tail above and any readout" *)
Definition half_behind (k : nat) (N : deep_param) : Prop :=
  (forall j i, N (First j i) = P0 (First j i)) /\
  (forall h j, (1 <= h <= k)%nat ->
    (forall i, N (Entry h j i) = P0 (Entry h j i)) /\ N (EntryBias h j) = P0 (EntryBias h j)) /\
  (forall h j i, (k < h <= K)%nat ->
    match kind h with
    | Enter => (i < m)%nat -> side k h j = true -> turn k i = false -> N (Entry h j i) = 0
    | Inside => (i < units (h - 1))%nat -> side k h j = true -> side k (h - 1) i = false -> N (Entry h j i) = 0
    | Leave _ => (i < units (h - 1))%nat -> turn k j = true -> side k (h - 1) i = false -> N (Entry h j i) = 0
    end) /\
  (forall j c, (j < m)%nat -> turn k j = false -> N (ReadStream j c) = 0).

Definition deep_live (k : nat) (x : deep_weight) : bool :=
  match x with
  | First j _ => orb (Nat.ltb O k) (turn k j)
  | Entry h j _ | EntryBias h j => andb (Nat.leb 1 h) (andb (Nat.leb h K)
      (orb (Nat.ltb h k) (match kind h with Leave _ => turn k j | _ => side k h j end)))
  | _ => false
  end.
Definition deep_stage (k : nat) (N : deep_param) : stage := (deep_live k, N).

(** what is live of coordinates and of hidden units behind layer h *)
Lemma live_same k N P : (k <= K)%nat -> half_behind k N -> shows hidden_weight (deep_stage k N) P ->
  forall h x, (h <= K)%nat ->
  (forall j, (h < k)%nat \/ turn k j = true -> fst (at_layer P h x) j = fst (at_layer N h x) j) /\
  (forall j, (h < k)%nat \/ side k h j = true -> snd (at_layer P h x) j = snd (at_layer N h x) j).
Proof.
  intros Hk (_ & _ & Htail & _) HP h x. induction h as [|h IH]; intros HhK.
  - split; [|easy]. intros j Hj. cbn [stream_at fst]. f_equal. apply lsum_ext; intros i _. f_equal.
    apply (HP (First j i)). right. simpl. destruct Hj as [Hj|Hj]; [|rewrite Hj; apply Bool.orb_true_r].
    now rewrite (proj2 (Nat.ltb_lt 0 k) Hj).
  - destruct (IH ltac:(lia)) as [Hz Hu]. clear IH.
    assert (Hrow : forall j, (S h < k)%nat \/ (match kind (S h) with Leave _ => turn k j | _ => side k (S h) j end) = true ->
      (forall i, P (Entry (S h) j i) = N (Entry (S h) j i)) /\ P (EntryBias (S h) j) = N (EntryBias (S h) j)).
    { intros j Hj. assert (E : deep_live k (EntryBias (S h) j) = true).
      { unfold deep_live. rewrite (proj2 (Nat.leb_le 1 (S h))), (proj2 (Nat.leb_le (S h) K)) by lia. cbn [andb].
        destruct Hj as [Hj|Hj]; [now rewrite (proj2 (Nat.ltb_lt _ _) Hj) | rewrite Hj; apply Bool.orb_true_r]. }
      split; [intros i; apply (HP (Entry (S h) j i)) | apply (HP (EntryBias (S h) j))]; right; exact E. }
    assert (Hz' : forall i, (S h < k)%nat \/ turn k i = true -> fst (at_layer P h x) i = fst (at_layer N h x) i).
    { intros i [Hi|Hi]; apply Hz; [left; lia | now right]. }
    (* a product of a live row with what it reads *)
    assert (Hprod : forall (dead : nat -> bool) (f g : nat -> R) j, (forall i, P (Entry (S h) j i) = N (Entry (S h) j i)) ->
      forall n, (forall i, (i < n)%nat -> f i = g i \/ N (Entry (S h) j i) = 0) ->
      \sum_(i < n) (P (Entry (S h) j i) * f i) = \sum_(i < n) (N (Entry (S h) j i) * g i)).
    { intros _ f g j Hr n Hn. apply lsum_ext; intros i Hi. apply in_rng in Hi. rewrite Hr.
      destruct (Hn i Hi) as [->|E]; [easy | rewrite E; ring]. }
    assert (Hin : forall j i, (S h < k)%nat \/ side k (S h) j = true -> kind (S h) = Enter -> (i < m)%nat ->
      fst (at_layer P h x) i = fst (at_layer N h x) i \/ N (Entry (S h) j i) = 0).
    { intros j i Hj Ek Hi. destruct (turn k i) eqn:Et; [left; apply Hz; now right|].
      destruct (Nat.lt_ge_cases h k) as [Hlt|Hge]; [left; apply Hz; now left|]. right.
      specialize (Htail (S h) j i ltac:(lia)). rewrite Ek in Htail. apply Htail; try easy. destruct Hj; [lia | easy]. }
    assert (Hhid : forall j i, kind (S h) <> Enter -> (i < units h)%nat ->
      (S h < k)%nat \/ (match kind (S h) with Leave _ => turn k j | _ => side k (S h) j end) = true ->
      snd (at_layer P h x) i = snd (at_layer N h x) i \/ N (Entry (S h) j i) = 0).
    { intros j i Ek Hi Hj. destruct (side k h i) eqn:Es; [left; apply Hu; now right|].
      destruct (Nat.lt_ge_cases h k) as [Hlt|Hge]; [left; apply Hu; now left|]. right.
      specialize (Htail (S h) j i ltac:(lia)). replace (S h - 1)%nat with h in Htail by lia.
      destruct Hj as [Hj|Hj]; [lia|]. destruct (kind (S h)); [easy | now apply Htail | now apply Htail]. }
    cbn [stream_at]. destruct (kind (S h)) eqn:Ek; cbn [fst snd]; (split; [try exact Hz'|]); intros j Hj; try easy.
    + destruct (Hrow j Hj) as [Hr ->]. f_equal. f_equal. apply (Hprod (turn k)); [exact Hr|]. intros i Hi. now apply Hin.
    + destruct (Hrow j Hj) as [Hr ->]. f_equal. f_equal. apply (Hprod (turn k)); [exact Hr|]. intros i Hi. now apply Hhid.
    + destruct (Hrow j Hj) as [Hr ->]. f_equal. f_equal. f_equal; [now apply Hz'|].
      apply (Hprod (turn k)); [exact Hr|]. intros i Hi. now apply Hhid.
Qed.

Lemma half_decides k N : (k <= K)%nat -> half_behind k N -> decides hidden_weight net (deep_stage k N).
Proof.
  intros Hk HN P HP. destruct HN as (H1 & H2 & H3 & Hread). apply matrix_ext; intros n c.
  destruct (live_same k N P Hk (conj H1 (conj H2 (conj H3 Hread))) HP K (input X n) (le_n K)) as [Hz _].
  unfold stream_net. change (snd (deep_stage k N)) with N. rewrite (HP (ReadBias c)) by now left. f_equal.
  apply lsum_ext; intros j Hj. apply in_rng in Hj.
  rewrite (HP (ReadStream j c)) by now left. change (snd (deep_stage k N)) with N.
  destruct (turn k j) eqn:E; [now rewrite Hz by now right|].
  rewrite (Hread j c Hj E). ring.
Qed.

Hypothesis Hdis : disjoint.

(** what is live at two cuts, one after the other, are weights of the layers below both *)
Lemma next_half k N N1 : (k < K)%nat -> half_behind (S k) N -> half_behind k N1 ->
  agree hidden_weight (deep_stage (S k) N) (deep_stage k N1).
Proof.
  intros Hk (A1 & A2 & _) (B1 & B2 & _) x _ Hx Hy. destruct Hdis as [HC HH]. cbn [fst snd deep_stage] in *.
  assert (Hturn : forall j, turn (S k) j = true -> turn k j = true -> False).
  { intros j. unfold turn. replace (K - k)%nat with (S (K - S k)) by lia. rewrite Nat.even_succ, <- Nat.negb_even.
    destruct (Nat.even (K - S k)); simpl; intros E1 E2; [now apply (HC j) | now apply (HC j)]. }
  assert (Hside : forall h j, (S k <= h)%nat -> side (S k) h j = true -> side k h j = true -> False).
  { intros h j Hh. unfold side. replace (h - k)%nat with (S (h - S k)) by lia. rewrite Nat.even_succ, <- Nat.negb_even.
    destruct (Nat.even (h - S k)); simpl; intros E1 E2; now apply (HH h j). }
  assert (Hlow : forall h j, (1 <= h)%nat -> deep_live (S k) (EntryBias h j) = true ->
    deep_live k (EntryBias h j) = true -> (h <= k)%nat).
  { intros h j Hh Ex Ey. unfold deep_live in Ex, Ey. rewrite !Bool.andb_true_iff, !Bool.orb_true_iff, Nat.ltb_lt in Ex, Ey.
    destruct (Nat.le_gt_cases h k) as [|Hgt]; [easy|]. exfalso. destruct Ex as (_ & _ & [Ex|Ex]); [lia|].
    destruct Ey as (_ & _ & [Ey|Ey]); [lia|].
    destruct (kind h); [now apply (Hside h j) | now apply (Hside h j) | now apply (Hturn j)]. }
  destruct x as [j i | h j i | h j | |]; try easy.
  - now rewrite A1, B1.
  - assert (Hh : (1 <= h)%nat).
    { unfold deep_live in Hx. rewrite Bool.andb_true_iff, Nat.leb_le in Hx. easy. }
    pose proof (Hlow h j Hh Hx Hy). destruct (A2 h j ltac:(lia)) as [E _]. destruct (B2 h j ltac:(lia)) as [E' _].
    now rewrite E, E'.
  - assert (Hh : (1 <= h)%nat).
    { unfold deep_live in Hx. rewrite Bool.andb_true_iff, Nat.leb_le in Hx. easy. }
    pose proof (Hlow h j Hh Hx Hy). destruct (A2 h j ltac:(lia)) as [_ E]. destruct (B2 h j ltac:(lia)) as [_ E'].
    now rewrite E, E'.
Qed.

Lemma first_half N : half_behind K N -> agree hidden_weight (whole P0) (deep_stage K N).
Proof.
  intros (A1 & A2 & _) x _ _ Hy. cbn [fst snd whole deep_stage] in *. symmetry.
  destruct x as [j i | h j i | h j | |]; try easy;
    unfold deep_live in Hy; rewrite !Bool.andb_true_iff, !Nat.leb_le in Hy; now apply A2.
Qed.

Variable N : nat -> deep_param.
Hypothesis HN : forall k, (k <= K)%nat -> half_behind k (N k).

Lemma half_descent : forall e k, (k + e = K)%nat -> exists L,
  stages hidden_weight (whole P0) L (deep_stage k (N k)) /\
  (forall x, In x L -> exists h, (k <= h <= K)%nat /\ x = deep_stage h (N h)) /\
  (forall h, (k <= h <= K)%nat -> In (deep_stage h (N h)) L).
Proof.
  induction e as [|e IH]; intros k Hk.
  - replace k with K in * by lia. exists [deep_stage K (N K)]. split; [|split].
    + apply stages_next; [apply first_half, HN; lia | apply stages_end].
    + intros x [<-|[]]. exists K. split; [lia | easy].
    + intros h Hh. left. f_equal; [|f_equal]; lia.
  - destruct (IH (S k) ltac:(lia)) as (L & HL & Hin & Hall). exists (L ++ [deep_stage k (N k)]). split; [|split].
    + apply (stages_app _ _ _ _ _ _ HL). apply stages_next; [|apply stages_end].
      apply next_half; [lia | apply HN; lia | apply HN; lia].
    + intros x Hx. apply in_app_iff in Hx. destruct Hx as [Hx|[<-|[]]]; [|exists k; split; [lia | easy]].
      destruct (Hin x Hx) as (h & Hh & E). exists h. split; [lia | easy].
    + intros h Hh. apply in_app_iff. destruct (Nat.eq_dec h k) as [->|Hne]; [right; now left|]. left. apply Hall. lia.
Qed.
End OneNetwork.

Lemma stream_affine : reads_affinely hidden_weight net.
Proof.
  intros P Q t HPQ.
  assert (E : forall T, (forall x, hidden_weight x = true -> T x = P x) -> forall h x, at_layer T h x = at_layer P h x).
  { intros T HT h x. induction h as [|h IH].
    - cbn [stream_at]. f_equal. apply functional_extensionality; intros j. f_equal. apply lsum_ext; intros i _.
      now rewrite (HT (First j i) eq_refl).
    - cbn [stream_at]. rewrite IH. destruct (kind (S h)); f_equal; apply functional_extensionality; intros j;
        f_equal; try (f_equal; [|now apply HT]); try apply Rplus_eq_compat_l; apply lsum_ext; intros i _; now rewrite (HT (Entry (S h) j i) eq_refl). }
  assert (EQ := E Q (fun x Hx => eq_sym (HPQ x Hx))).
  assert (EL : forall h x, at_layer (lin t P Q) h x = at_layer P h x).
  { apply E. intros x Hx. unfold lin. rewrite <- (HPQ x Hx). ring. }
  apply matrix_ext; intros n c. unfold stream_net. rewrite EL, EQ, !Rmult_plus_distr_l, <- !lsum_scal.
  match goal with |- _ = ?a + ?b + (?c + ?d) => replace (a + b + (c + d)) with ((a + c) + (b + d)) by ring end.
  rewrite <- lsum_plus. f_equal. apply lsum_ext; intros j _. unfold lin. ring.
Qed.

(** "joined by a path of silent and readout segments, and the maximum of the loss over the whole path is the maximum of
    the losses of A, all A_c, all B_c, and B": every point of the path is at most as high as some corner, every corner
    has the loss of one of these networks, and each of these is a corner *)
Theorem T9S_half_stream Phi P P' (C C' : nat -> bool) (H H' : nat -> nat -> bool) (N N' : nat -> deep_param) :
  max_at_ends Phi -> disjoint C C' H H' ->
  (forall k, (k <= K)%nat -> half_behind P C C' H H' k (N k) /\ half_behind P' C' C H' H k (N' k)) ->
  let loss Q := Phi (net Q) in
  let listed Q := loss Q = loss P \/ loss Q = loss P' \/
    exists k, (k <= K)%nat /\ (loss Q = loss (N k) \/ loss Q = loss (N' k)) in
  exists corners gam, chain (silent_or_read hidden_weight net) P corners P' /\ path gam /\ gam 0 = P /\ gam 1 = P' /\
    (forall Q, In Q (P :: corners) -> listed Q /\ exists t, 0 <= t <= 1 /\ gam t = Q) /\
    (forall t, 0 <= t <= 1 -> exists Q, In Q (P :: corners) /\ loss (gam t) <= loss Q) /\
    (forall k, (k <= K)%nat ->
      exists Q Q', In Q corners /\ In Q' corners /\ loss Q = loss (N k) /\ loss Q' = loss (N' k)).
Proof.
  intros HPhi Hdis HN loss listed.
  assert (Hdis' : disjoint C' C H' H).
  { destruct Hdis as [HC HH]. split; [intros j H1 H2; now apply (HC j) | intros h j H1 H2; now apply (HH h j)]. }
  destruct (half_descent P C C' H H' Hdis N (fun k Hk => proj1 (HN k Hk)) K 0 ltac:(lia)) as (L & HL & HinL & HallL).
  destruct (half_descent P' C' C H' H Hdis' N' (fun k Hk => proj2 (HN k Hk)) K 0 ltac:(lia)) as (M & HM & HinM & HallM).
  destruct (stages_rev _ _ _ _ HM) as (M' & HM' & HiffM).
  assert (Hjoin : agree hidden_weight (deep_stage C C' H H' 0 (N 0%nat)) (deep_stage C' C H' H 0 (N' 0%nat))).
  { intros x _ Hx Hy. exfalso. cbn [fst deep_stage] in Hx, Hy. destruct Hdis as [HC HH].
    assert (Hturn : forall j, turn C C' 0 j = true -> turn C' C 0 j = true -> False).
    { intros j. unfold turn. destruct (Nat.even (K - 0)); intros E1 E2; now apply (HC j). }
    assert (Hside : forall h j, side H H' 0 h j = true -> side H' H 0 h j = true -> False).
    { intros h j. unfold side. destruct (Nat.even (h - 0)); intros E1 E2; now apply (HH h j). }
    destruct x as [j i | h j i | h j | |]; try easy; unfold deep_live in Hx, Hy;
      rewrite ?Bool.andb_true_iff, ?Bool.orb_true_iff, ?Nat.ltb_lt in Hx, Hy.
    - destruct Hx as [Hx|Hx], Hy as [Hy|Hy]; try lia. now apply (Hturn j).
    - destruct Hx as (_ & _ & [Hx|Hx]), Hy as (_ & _ & [Hy|Hy]); try lia.
      destruct (kind h); [now apply (Hside h j) | now apply (Hside h j) | now apply (Hturn j)].
    - destruct Hx as (_ & _ & [Hx|Hx]), Hy as (_ & _ & [Hy|Hy]); try lia.
      destruct (kind h); [now apply (Hside h j) | now apply (Hside h j) | now apply (Hturn j)]. }
  set (all := L ++ (deep_stage C' C H' H 0 (N' 0%nat) :: M')).
  assert (Hall : stages hidden_weight (whole P) all (whole P')).
  { apply (stages_app _ _ _ _ _ _ HL). now apply stages_next. }
  assert (HinAll : forall x, In x all -> x = whole P' \/
    exists k, (k <= K)%nat /\ (x = deep_stage C C' H H' k (N k) \/ x = deep_stage C' C H' H k (N' k))).
  { intros x Hx. unfold all in Hx. apply in_app_iff in Hx. destruct Hx as [Hx|Hx].
    - destruct (HinL x Hx) as (k & Hk & E). right. exists k. split; [lia | auto].
    - apply HiffM in Hx. destruct Hx as [<-|Hx]; [now left|]. destruct (HinM x Hx) as (k & Hk & E). right. exists k.
      split; [lia | auto]. }
  destruct (relayed hidden_weight net Phi P P' all HPhi stream_affine Hall) as (corners & gam & HC & Hg & g0 & g1 & Hcor &
    Hbelow & Hcov).
  { intros x Hx. destruct (HinAll x Hx) as [->|(k & Hk & [->| ->])]; [apply whole_decides| |].
    - now apply (half_decides P), HN.
    - now apply (half_decides P'), HN. }
  exists corners, gam. split; [exact HC|]. split; [exact Hg|]. split; [exact g0|]. split; [exact g1|].
  split; [|split; [exact Hbelow|]].
  - intros Q HQ. destruct (Hcor Q HQ) as ((x & Hx & E) & Ht). split; [|exact Ht]. unfold listed.
    destruct Hx as [<-|Hx]; [now left|]. destruct (HinAll x Hx) as [->|(k & Hk & [->| ->])]; [right; now left| |];
      right; right; exists k; (split; [easy|]); [now left | now right].
  - intros k Hk. destruct (Hcov (deep_stage C C' H H' k (N k))) as (Q & HQ & E).
    { unfold all. apply in_app_iff. left. apply HallL. lia. }
    destruct (Hcov (deep_stage C' C H' H k (N' k))) as (Q' & HQ' & E').
    { unfold all. apply in_app_iff. right. apply HiffM. right. apply HallM. lia. }
    exists Q, Q'. auto.
Qed.
End HalfStream.
