(** T9 [known idea: Kuditipudi et al., Shevchenko and Mondelli, Nguyen; ours: the exact form, the order from the top, any
    tail] (blueprint-2, section 3b): two PLAIN chains of one shape, any depth, any convex loss, joined through networks
    that read half of every layer. Every segment is silent or moves the readout alone. It is T9C where every channel
    has one entry.

    Definitions: [narrower], A_k: A's layers up to k, of layer k and above only the kept units are read;
    [plain_segment], the two kinds of segments; [as_channel], a weight of the chain of channels, and [as_unit], back;
    [widened], the same weights for channels of one entry; [units_alone], those of the units.
    Statements: T9. *)

From Coq Require Import Reals Lra List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums relu paths chains.
From Skipscape.networks Require Import networks plain_chains.
From Skipscape.lemmas Require Import losses relay channel_chains.
From Skipscape.theorems Require Import half_channels.
Import ListNotations.
Open Scope R_scope.

Definition as_channel (x : chain_weight) : channel_weight :=
  match x with
  | Row h j i => Kernel h j i O | RowBias h j => Shift h j | Read j c => ReadOf j O c | OutBias c => OutShift c
  end.
Definition as_unit (x : channel_weight) : chain_weight :=
  match x with
  | Kernel h j i _ => Row h j i | Shift h j => RowBias h j | ReadOf j _ c => Read j c | OutShift c => OutBias c
  end.
Definition widened (P : chain_param) : channel_param := fun x => P (as_unit x).
Definition units_alone (Q : channel_param) : chain_param := fun x => Q (as_channel x).

Lemma units_widened P : units_alone (widened P) = P.
Proof. apply functional_extensionality. now intros []. Qed.

Section HalfWidth.
Variables (X : data) (K : nat) (wide : nat -> nat).
Notation width := (width X wide).
Notation net := (chain_net X K wide).
Notation entry := (fun (_ : nat) (v : vector) (_ _ : nat) => v O).
Notation channels := (channel_net K width (fun _ => 1%nat) (fun _ => true) X (fun x i _ => x i) entry
  (fun _ v p => relu (v p))).

(** "keeps A's layers up to k, but reads of layer k only I_k, by any layers k+1 to K of widths |I_j| and any readout":
    the tail's units lie in the kept slots, what the other slots have does not matter *)
Definition narrower (P : chain_param) (I : nat -> list nat) (k : nat) (N : chain_param) : Prop :=
  (forall h j, (1 <= h <= k)%nat -> (j < width h)%nat ->
    (forall i, (i < width (h - 1))%nat -> N (Row h j i) = P (Row h j i)) /\ N (RowBias h j) = P (RowBias h j)) /\
  (forall h j i, (k < h <= K)%nat -> In j (I h) -> (i < width (h - 1))%nat -> ~ In i (I (h - 1)%nat) ->
    N (Row h j i) = 0) /\
  (forall j c, (j < width K)%nat -> ~ In j (I K) -> N (Read j c) = 0).

Definition plain_segment (P Q : chain_param) : Prop :=
  (forall t, 0 <= t <= 1 -> net (lin t P Q) = net P) \/
  (forall h j i, P (Row h j i) = Q (Row h j i)) /\ (forall h j, P (RowBias h j) = Q (RowBias h j)).

Lemma units_net Q : net (units_alone Q) = channels Q.
Proof.
  assert (H : forall h x j, unit_at X wide (units_alone Q) h x j = channel_at width (fun _ => 1%nat) (fun _ => true)
    (fun x i _ => x i) entry (fun _ v p => relu (v p)) Q h x j O).
  { intros h x. induction h as [|h IH]; intros j; [easy|]. cbn [unit_at channel_at]. f_equal. f_equal.
    apply lsum_ext; intros i _. rewrite IH. cbn [lsum seq]. unfold units_alone, as_channel. ring. }
  apply matrix_ext; intros k c. unfold chain_net, channel_net. f_equal. apply lsum_ext; intros j _. rewrite H.
  cbn [lsum seq]. unfold units_alone, as_channel. ring.
Qed.

Lemma narrower_widened P I k N : narrower P I k N ->
  narrower_channels K width (fun _ => 1%nat) (fun _ => true) (widened P) I k (widened N).
Proof.
  intros (H1 & H2 & H3). unfold widened. split; [|split].
  - intros h j Hh Hj. destruct (H1 h j Hh Hj) as [E1 E2]. split; [intros i n Hi _; now apply E1 | intros _; exact E2].
  - intros h j i n Hh Hj Hi _ Hni. now apply H2.
  - intros j n c Hj _ Hnj. now apply H3.
Qed.

Lemma chain_units P L P' : chain (silent_or_read inner channels) P L P' ->
  chain plain_segment (units_alone P) (map units_alone L) (units_alone P').
Proof.
  induction 1 as [P | P Q L T H _ IH]; [apply chain_end|]. simpl. apply chain_segment; [|exact IH].
  destruct H as [H|H]; [left | right].
  - intros t Ht. change (net (units_alone (lin t P Q)) = net (units_alone P)). rewrite !units_net. now apply H.
  - split; intros; now apply H.
Qed.

(** "joined by a path of silent and readout segments, and the maximum of the loss over the whole path is the maximum of
    the losses of A, A_K, ..., A_1, B_1, ..., B_K, B": every point of the path is at most as high as some corner,
    every corner has the loss of one of these networks, and each of these is a corner *)
Theorem T9_half_width Phi P P' (I J : nat -> list nat) (N N' : nat -> chain_param) : (1 <= K)%nat -> max_at_ends Phi ->
  halves_of K width I J ->
  (forall k, (1 <= k <= K)%nat -> narrower P I k (N k) /\ narrower P' J k (N' k)) ->
  let loss Q := Phi (net Q) in
  let listed Q := loss Q = loss P \/ loss Q = loss P' \/
    exists k, (1 <= k <= K)%nat /\ (loss Q = loss (N k) \/ loss Q = loss (N' k)) in
  exists corners gam, chain plain_segment P corners P' /\ path gam /\ gam 0 = P /\ gam 1 = P' /\
    (forall Q, In Q (P :: corners) -> listed Q /\ exists t, 0 <= t <= 1 /\ gam t = Q) /\
    (forall t, 0 <= t <= 1 -> exists Q, In Q (P :: corners) /\ loss (gam t) <= loss Q) /\
    (forall k, (1 <= k <= K)%nat ->
      exists Q Q', In Q corners /\ In Q' corners /\ loss Q = loss (N k) /\ loss Q' = loss (N' k)).
Proof.
  intros HK HPhi Hhalves HN loss listed.
  destruct (T9C_half_channels X K width (fun _ => 1%nat) (fun _ => true) (fun x i _ => x i) entry
    (fun _ v p => relu (v p)) Phi (widened P) (widened P') I J (fun k => widened (N k)) (fun k => widened (N' k)) HK HPhi
    Hhalves) as (corners & gam & HC & Hg & g0 & g1 & Hcor & Hbelow & Hcov).
  { intros k Hk. destruct (HN k Hk). split; now apply narrower_widened. }
  assert (Hloss : forall Q, Phi (channels Q) = loss (units_alone Q)) by (intros Q; unfold loss; now rewrite units_net).
  apply chain_units in HC. rewrite !units_widened in HC.
  exists (map units_alone corners), (fun t => units_alone (gam t)). split; [exact HC|]. split.
  { intros x. apply (Hg (as_channel x)). }
  split; [rewrite g0; apply units_widened|]. split; [rewrite g1; apply units_widened|].
  assert (Hin : forall Q, In Q (P :: map units_alone corners) ->
    exists Q0, In Q0 (widened P :: corners) /\ units_alone Q0 = Q).
  { intros Q [<-|HQ]; [exists (widened P); split; [now left | apply units_widened]|].
    apply in_map_iff in HQ. destruct HQ as (Q0 & E & HQ0). exists Q0. split; [now right | easy]. }
  split; [|split].
  - intros Q HQ. destruct (Hin Q HQ) as (Q0 & HQ0 & <-). destruct (Hcor Q0 HQ0) as (Hl & t & Ht & Et).
    split; [|exists t; split; [easy | now rewrite Et]]. unfold listed. rewrite !Hloss, !units_widened in Hl.
    destruct Hl as [Hl|[Hl|(k & Hk & Hl)]]; [now left | right; now left|]. right. right. exists k.
    rewrite !Hloss, !units_widened in Hl. now split.
  - intros t Ht. destruct (Hbelow t Ht) as (Q & HQ & Hle). exists (units_alone Q). rewrite !Hloss in Hle.
    split; [|exact Hle]. destruct HQ as [<-|HQ]; [left; symmetry; apply units_widened | right; now apply in_map].
  - intros k Hk. destruct (Hcov k Hk) as (Q & Q' & HQ & HQ' & E & E'). rewrite !Hloss, !units_widened in E, E'.
    exists (units_alone Q), (units_alone Q'). repeat split; try easy; now apply in_map.
Qed.
End HalfWidth.
