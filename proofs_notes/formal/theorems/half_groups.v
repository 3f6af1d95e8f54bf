(** T9G [ours, after T9] (blueprint-2, section 3b, for any graph of sums): two networks of one graph, joined through
    networks that read half of their channels. Every segment is silent or moves the readout alone. What a graph is:
    `channel_graphs.v`; convolutions without groups, dense layers, sums, concatenations, scales of channels, ReLUs,
    pooling, channels that are chosen.

    Definitions: [made_of], what a channel of a node that is no layer is made of; [tied], it has the number of that
    channel; [numbered], levels of layers, and of every value the highest level that reads it; [half_at], which channels
    a tail has: two halves in turn; [narrower_graph], A_d, its tail on these channels; [half_lit], the live channels of
    A_d; [graph_stage], these two.
    Statements: T9G. *)

From Coq Require Import Reals Lra List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths chains.
From Skipscape.networks Require Import networks plain_chains.
From Skipscape.lemmas Require Import losses slots relay channel_graphs.
Import ListNotations.
Open Scope R_scope.

Section HalfGroups.
Variables (kind : nat -> node_kind) (size taps : nat -> nat) (biased : nat -> bool).
Variables (top out_taps : nat) (out_biased : bool).
Variable X : data.
Variables (image : vector -> nat -> vector) (tap : nat -> vector -> nat -> nat -> R) (after : nat -> vector -> vector).
Variable out_tap : vector -> nat -> R.
Notation net := (graph_net kind size taps biased top out_taps out_biased X image tap after out_tap).
Notation rows := (graph_rows kind size taps biased).

Variables (D : nat) (chan : nat -> nat -> nat) (level read : nat -> nat).

(** what the channels of a node that is no layer are made of *)
Definition made_of (v j s i : nat) : Prop := match kind v with
  | Sum l => In s l /\ i = j
  | Scaled s' => s = s' /\ i = j
  | Taken pick => pick j = Some (s, i)
  | _ => False
  end.

(** "channels that a sum adds are tied to one another" : one number for all that are one another's *)
Definition tied : Prop := forall v j s i, (j < size v)%nat -> made_of v j s i ->
  (i < size s)%nat /\ chan s i = chan v j.

(** "levels 1 (the top) to D, so that what a layer makes is read by the readout or by layers of lower numbers alone":
    `read v` is at least the level of every layer that reads the value v, itself or through nodes that are none *)
Definition numbered : Prop :=
  (forall v s, kind v = Layer s -> (level v <= read s)%nat /\ (read v < level v <= D)%nat) /\
  (forall v j s i, (j < size v)%nat -> made_of v j s i -> (read v <= read s)%nat) /\
  (forall v, (read v <= D)%nat).

(** "the channels H(d): of each channel of I and J those of I and those of J in turn, either first" *)
Definition half_at (I J : list nat) (first : nat -> bool) (d c : nat) : bool :=
  if Bool.eqb (Nat.even d) (first c) then mem c I else mem c J.

(** "keeps A's layers of all levels beyond d, and the scales that layers of level d or beyond read; of values that no
    layer beyond level d reads, its readout and those channels H(d) that its layers of levels 1 to d make read channels
    H(d) alone" *)
Definition narrower_graph (P : graph_param) (H : nat -> bool) (d : nat) (N : graph_param) : Prop :=
  (forall v s j, kind v = Layer s -> (d < level v)%nat ->
    (forall i k, N (Slice v j i k) = P (Slice v j i k)) /\ N (Added v j) = P (Added v j)) /\
  (forall v s j, kind v = Scaled s -> (d <= read v)%nat ->
    N (Factor v j) = P (Factor v j) /\ N (Offset v j) = P (Offset v j)) /\
  (forall v s j i k, kind v = Layer s -> (level v <= d)%nat -> (read s <= d)%nat -> H (chan v j) = true ->
    (i < size s)%nat -> (k < taps v)%nat -> H (chan s i) = false -> N (Slice v j i k) = 0) /\
  (forall j k c, (j < size top)%nat -> (k < out_taps)%nat -> (read top <= d)%nat -> H (chan top j) = false ->
    N (ReadBy j k c) = 0).

Section Descent.
Variables (P0 : graph_param) (I J : list nat) (first : nat -> bool) (N : nat -> graph_param).
Hypothesis Htied : tied.
Hypothesis Hlevels : numbered.
Hypothesis Hapart : forall c, In c I -> ~ In c J.
Notation H := (half_at I J first).
Hypothesis HN : forall d, (d <= D)%nat -> narrower_graph P0 (H d) d (N d).

(** a value that layers beyond level d read is read whole *)
Definition half_lit (d : nat) : live := fun v j => if Nat.ltb d (read v) then true else H d (chan v j).
Definition graph_stage (d : nat) : stage := (rows (half_lit d), N d).

Lemma half_turns d c : H d c = true -> H (S d) c = true -> False.
Proof.
  unfold half_at. rewrite Nat.even_succ, <- Nat.negb_even. destruct (Nat.even d), (first c); simpl; rewrite !mem_In;
    intros H1 H2; now apply (Hapart c).
Qed.

Lemma graph_stage_decides d : (d <= D)%nat -> decides hidden net (graph_stage d).
Proof.
  intros Hd. destruct (HN d Hd) as (_ & _ & Htail & Hread). destruct Hlevels as (Hl & Hk & _).
  apply graphs_decide. split; [|split].
  - intros v s j i k Ek Hj Hi Hkk Hlit Hdark. unfold half_lit in Hlit, Hdark. destruct (Hl v s Ek) as (H1 & H2 & H3).
    destruct (Nat.ltb_spec d (read s)) as [|Hs]; [easy|]. destruct (Nat.ltb_spec d (read v)) as [|Hv]; [lia|].
    apply (Htail v s); try easy. lia.
  - intros v j Hj Hlit.
    assert (Hone : forall s i, made_of v j s i -> (i < size s)%nat /\ half_lit d s i = true).
    { intros s i Hm. destruct (Htied v j s i Hj Hm) as [Hi Hc]. split; [exact Hi|]. pose proof (Hk v j s i Hj Hm) as Hr.
      unfold half_lit in *. destruct (Nat.ltb_spec d (read s)) as [|H1]; [easy|].
      destruct (Nat.ltb_spec d (read v)) as [|H2]; [lia|]. now rewrite Hc. }
    unfold made_of in Hone. destruct (kind v) as [|s|l|s|pick] eqn:Ek; try easy.
    + intros s Hs. now apply (Hone s j).
    + now apply (Hone s j).
  - intros j k c Hj Hkk Hdark. unfold half_lit in Hdark. destruct (Nat.ltb_spec d (read top)) as [|Ht]; [easy|].
    now apply Hread.
Qed.

Lemma graph_rows_of lit x : rows lit x = true -> match x with
  | Slice v j _ _ | Added v j => (exists s, kind v = Layer s) /\ lit v j = true
  | Factor v j | Offset v j => (exists s, kind v = Scaled s) /\ lit v j = true
  | _ => False
  end.
Proof.
  destruct x as [v j i k | v j | v j | v j | j k c | c]; cbn [graph_rows]; try discriminate;
    destruct (kind v) as [|s|l|s|pick]; try discriminate; rewrite !Bool.andb_true_iff; intros Hx;
    (split; [now exists s | tauto]).
Qed.

(** what is live in A_d of A's lower layers is A's *)
Lemma first_agrees : agree hidden (whole P0) (graph_stage 0).
Proof.
  intros x _ _ Hx. destruct (HN 0 ltac:(lia)) as (Hkeep & Hscale & _). destruct Hlevels as (Hl & _).
  apply graph_rows_of in Hx. destruct x as [v j i k | v j | v j | v j | |]; try easy; destruct Hx as [[s Ek] _]; symmetry.
  - destruct (Hl v s Ek). apply (Hkeep v s j Ek). lia.
  - destruct (Hl v s Ek). apply (Hkeep v s j Ek). lia.
  - apply (Hscale v s j Ek). lia.
  - apply (Hscale v s j Ek). lia.
Qed.

Lemma next_graph_agrees d : (S d <= D)%nat -> agree hidden (graph_stage d) (graph_stage (S d)).
Proof.
  intros Hd x _ Hx Hy. destruct (HN d ltac:(lia)) as (Hkeep & Hscale & _). destruct (HN (S d) Hd) as (Hkeep' & Hscale' & _).
  destruct Hlevels as (Hl & _). apply graph_rows_of in Hx. apply graph_rows_of in Hy.
  assert (Hboth : forall v j, (read v <= d)%nat -> half_lit d v j = true -> half_lit (S d) v j = true -> False).
  { intros v j Hr. unfold half_lit. destruct (Nat.ltb_spec d (read v)) as [|_]; [lia|].
    destruct (Nat.ltb_spec (S d) (read v)) as [|_]; [lia|]. apply half_turns. }
  cbn [snd graph_stage]. destruct x as [v j i k | v j | v j | v j | |]; try easy;
    destruct Hx as [[s Ek] Hx], Hy as [_ Hy].
  - destruct (Hl v s Ek) as (_ & Hr & _). destruct (le_lt_dec (level v) (S d)) as [Hle|Hlt].
    + exfalso. apply (Hboth v j); [lia | easy | easy].
    + rewrite (proj1 (Hkeep v s j Ek ltac:(lia))). symmetry. now apply (proj1 (Hkeep' v s j Ek Hlt)).
  - destruct (Hl v s Ek) as (_ & Hr & _). destruct (le_lt_dec (level v) (S d)) as [Hle|Hlt].
    + exfalso. apply (Hboth v j); [lia | easy | easy].
    + rewrite (proj2 (Hkeep v s j Ek ltac:(lia))). symmetry. now apply (proj2 (Hkeep' v s j Ek Hlt)).
  - destruct (le_lt_dec (S d) (read v)) as [Hle|Hlt].
    + rewrite (proj1 (Hscale v s j Ek ltac:(lia))). symmetry. now apply (proj1 (Hscale' v s j Ek Hle)).
    + exfalso. apply (Hboth v j); [lia | easy | easy].
  - destruct (le_lt_dec (S d) (read v)) as [Hle|Hlt].
    + rewrite (proj2 (Hscale v s j Ek ltac:(lia))). symmetry. now apply (proj2 (Hscale' v s j Ek Hle)).
    + exfalso. apply (Hboth v j); [lia | easy | easy].
Qed.

Lemma graph_descent d : (d <= D)%nat -> exists L, stages hidden (whole P0) L (graph_stage d) /\
  (forall x, In x L -> exists e, (e <= d)%nat /\ x = graph_stage e) /\ (forall e, (e <= d)%nat -> In (graph_stage e) L).
Proof.
  induction d as [|d IH]; intros Hd.
  - exists [graph_stage 0]. split; [|split].
    + apply stages_next; [apply first_agrees | apply stages_end].
    + intros x [<-|[]]. now exists O.
    + intros e He. left. f_equal. lia.
  - destruct (IH ltac:(lia)) as (L & HL & Hin & Hall). exists (L ++ [graph_stage (S d)]). split; [|split].
    + apply (stages_app _ _ _ _ _ _ HL). apply stages_next; [now apply next_graph_agrees | apply stages_end].
    + intros x Hx. apply in_app_iff in Hx. destruct Hx as [Hx|[<-|[]]]; [|now exists (S d)].
      destruct (Hin x Hx) as (e & He & E). exists e. split; [lia | easy].
    + intros e He. apply in_app_iff. destruct (Nat.eq_dec e (S d)) as [->|Hne]; [right; now left|]. left. apply Hall. lia.
Qed.
End Descent.

(** "joined by a path of segments on which no output changes and of readout segments, and the maximum of the loss over
    the whole path is the maximum of the losses of A, A_0, ..., A_D, B_D, ..., B_0, B": every point of the path is at
    most as high as some corner, every corner has the loss of one of these networks, and each of these is a corner *)
Theorem T9G_half_groups Phi P P' (I J : list nat) (first : nat -> bool) (N N' : nat -> graph_param) :
  max_at_ends Phi -> tied -> numbered -> (forall c, In c I -> ~ In c J) ->
  (forall d, (d <= D)%nat ->
    narrower_graph P (half_at I J first d) d (N d) /\ narrower_graph P' (half_at J I first d) d (N' d)) ->
  let loss Q := Phi (net Q) in
  let listed Q := loss Q = loss P \/ loss Q = loss P' \/
    exists d, (d <= D)%nat /\ (loss Q = loss (N d) \/ loss Q = loss (N' d)) in
  exists corners gam, chain (silent_or_read hidden net) P corners P' /\ path gam /\ gam 0 = P /\ gam 1 = P' /\
    (forall Q, In Q (P :: corners) -> listed Q /\ exists t, 0 <= t <= 1 /\ gam t = Q) /\
    (forall t, 0 <= t <= 1 -> exists Q, In Q (P :: corners) /\ loss (gam t) <= loss Q) /\
    (forall d, (d <= D)%nat ->
      exists Q Q', In Q corners /\ In Q' corners /\ loss Q = loss (N d) /\ loss Q' = loss (N' d)).
Proof.
  intros HPhi Htied Hlevels Hapart HN loss listed.
  assert (Hapart' : forall c, In c J -> ~ In c I) by (intros c Hj Hi; now apply (Hapart c)).
  assert (HNI : forall d, (d <= D)%nat -> narrower_graph P (half_at I J first d) d (N d)) by (intros; now apply HN).
  assert (HNJ : forall d, (d <= D)%nat -> narrower_graph P' (half_at J I first d) d (N' d)) by (intros; now apply HN).
  destruct (graph_descent P I J first N Hlevels Hapart HNI D ltac:(lia)) as (L & HL & HinL & HallL).
  destruct (graph_descent P' J I first N' Hlevels Hapart' HNJ D ltac:(lia)) as (M & HM & HinM & HallM).
  destruct (stages_rev _ _ _ _ HM) as (M' & HM' & HiffM).
  assert (Hjoin : agree hidden (graph_stage I J first N D) (graph_stage J I first N' D)).
  { intros x _ H1 H2. exfalso. cbn [fst graph_stage] in H1, H2. destruct Hlevels as (_ & _ & Hr).
    assert (Hlit : forall v j, half_lit I J first D v j = true -> half_lit J I first D v j = true -> False).
    { intros v j. unfold half_lit. destruct (Nat.ltb_spec D (read v)) as [Hlt|_]; [pose proof (Hr v); lia|].
      unfold half_at. destruct (Bool.eqb (Nat.even D) (first (chan v j))); rewrite !mem_In; [apply Hapart | apply Hapart']. }
    apply graph_rows_of in H1. apply graph_rows_of in H2.
    destruct x as [v j i k | v j | v j | v j | |]; try easy; apply (Hlit v j); tauto. }
  set (all := L ++ (graph_stage J I first N' D :: M')).
  assert (Hall : stages hidden (whole P) all (whole P')).
  { apply (stages_app _ _ _ _ _ _ HL). now apply stages_next. }
  assert (HinAll : forall x, In x all -> x = whole P' \/
    exists d, (d <= D)%nat /\ (x = graph_stage I J first N d \/ x = graph_stage J I first N' d)).
  { intros x Hx. unfold all in Hx. apply in_app_iff in Hx. destruct Hx as [Hx|Hx].
    - destruct (HinL x Hx) as (d & Hd & E). right. exists d. auto.
    - apply HiffM in Hx. destruct Hx as [<-|Hx]; [now left|]. destruct (HinM x Hx) as (d & Hd & E). right. exists d. auto. }
  destruct (relayed hidden net Phi P P' all HPhi) as (corners & gam & HC & Hg & g0 & g1 & Hcor & Hbelow & Hcov).
  { apply graphs_affine. }
  { exact Hall. }
  { intros x Hx. destruct (HinAll x Hx) as [->|(d & Hd & [->| ->])]; [apply whole_decides| |].
    - now apply (graph_stage_decides P I J first N).
    - now apply (graph_stage_decides P' J I first N'). }
  exists corners, gam. split; [exact HC|]. split; [exact Hg|]. split; [exact g0|]. split; [exact g1|].
  split; [|split; [exact Hbelow|]].
  - intros Q HQ. destruct (Hcor Q HQ) as ((x & Hx & E) & Ht). split; [|exact Ht]. unfold listed, loss in *.
    destruct Hx as [<-|Hx]; [now left|]. destruct (HinAll x Hx) as [->|(d & Hd & [->| ->])]; [right; now left| |];
      right; right; exists d; (split; [easy|]); rewrite E; cbn [snd graph_stage]; auto.
  - intros d Hd. destruct (Hcov (graph_stage I J first N d)) as (Q & HQ & E).
    { unfold all. apply in_app_iff. left. now apply HallL. }
    destruct (Hcov (graph_stage J I first N' d)) as (Q' & HQ' & E').
    { unfold all. apply in_app_iff. right. apply HiffM. right. now apply HallM. }
    exists Q, Q'. unfold loss in *. cbn [snd graph_stage] in E, E'. auto.
Qed.
End HalfGroups.
