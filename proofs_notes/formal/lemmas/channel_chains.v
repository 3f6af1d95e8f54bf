(** Chains whose units are channels (T9C): the value of a unit is an image, a vector of any length. Unit j of layer h
    is `after h` of the sum, over the units i below, of what the layer makes of channel i by weights of its own: at
    place p, the sum over k of weight k times `tap h (channel i) p k`, a number that depends on channel i alone. A
    convolution without groups, with any kernel, stride, padding and dilation, is such a layer (`tap` is the entry
    under weight k at place p, or 0 outside the image), a dense layer behind a flatten too (`tap` is entry k; one
    place). `after h` is any map of one channel: the ReLU entry by entry, then pooling, global pooling, a flatten.

    Definitions: [channel_weight], one weight, [channel_param], all of them; [inner], a weight that is not of the
    readout; [channel_at], channel j of layer h; [channel_net], the outputs; [live_rows], the weights that enter live
    channels; [channels_closed], live channels read live channels only, and so does the readout;
    [channels_renamed], the channels of every layer renamed.
    Statements: none. *)

From Coq Require Import Reals Lra List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums relu paths.
From Skipscape.networks Require Import networks plain_chains.
From Skipscape.lemmas Require Import relay.
Import ListNotations.
Open Scope R_scope.

Inductive channel_weight :=
| Kernel (h j i k : nat)
| Shift (h j : nat)
| ReadOf (j k c : nat)
| OutShift (c : nat).
Definition channel_param := channel_weight -> R.
Definition inner (x : channel_weight) : bool := match x with Kernel _ _ _ _ | Shift _ _ => true | _ => false end.

Section ChannelChains.
Variables (K : nat) (size taps : nat -> nat) (biased : nat -> bool).

(** a layer is `K` at most; what is not live, that is read by nothing that leads to the output, may be anything *)
Definition live_rows (lit : live) (x : channel_weight) : bool :=
  match x with
  | Kernel h j i k => andb (andb (Nat.leb 1 h) (Nat.leb h K))
      (andb (andb (Nat.ltb j (size h)) (Nat.ltb i (size (h - 1)))) (andb (Nat.ltb k (taps h)) (lit h j)))
  | Shift h j => andb (andb (Nat.leb 1 h) (Nat.leb h K)) (andb (Nat.ltb j (size h)) (andb (biased h) (lit h j)))
  | _ => false
  end.

Lemma live_kernel lit h j i k : (1 <= h <= K)%nat -> (j < size h)%nat -> (i < size (h - 1))%nat -> (k < taps h)%nat ->
  lit h j = true -> live_rows lit (Kernel h j i k) = true.
Proof.
  intros [H1 H2] Hj Hi Hk Hl. unfold live_rows. apply Nat.leb_le in H1, H2. apply Nat.ltb_lt in Hj, Hi, Hk.
  now rewrite H1, H2, Hj, Hi, Hk, Hl.
Qed.

Lemma live_shift lit h j : (1 <= h <= K)%nat -> (j < size h)%nat -> biased h = true -> lit h j = true ->
  live_rows lit (Shift h j) = true.
Proof.
  intros [H1 H2] Hj Hb Hl. unfold live_rows. apply Nat.leb_le in H1, H2. apply Nat.ltb_lt in Hj.
  now rewrite H1, H2, Hj, Hb, Hl.
Qed.

Lemma rows_of lit x : live_rows lit x = true -> match x with
  | Kernel h j i k => (1 <= h <= K)%nat /\ (j < size h)%nat /\ (i < size (h - 1))%nat /\ (k < taps h)%nat /\ lit h j = true
  | Shift h j => (1 <= h <= K)%nat /\ (j < size h)%nat /\ biased h = true /\ lit h j = true
  | _ => False
  end.
Proof.
  destruct x; unfold live_rows; intros H; try discriminate; rewrite !Bool.andb_true_iff, !Nat.leb_le, ?Nat.ltb_lt in H; tauto.
Qed.

Variable X : data.
Variables (image : vector -> nat -> vector) (tap : nat -> vector -> nat -> nat -> R) (after : nat -> vector -> vector).

Fixpoint channel_at (P : channel_param) (h : nat) (x : vector) (j : nat) : vector :=
  match h with
  | O => image x j
  | S h' => after h (fun p =>
      \sum_(i < size h') (\sum_(k < taps h) (P (Kernel h j i k) * tap h (channel_at P h' x i) p k)) +
      (if biased h then P (Shift h j) else 0))
  end.

Definition channel_net (P : channel_param) (n c : nat) : R :=
  \sum_(j < size K) (\sum_(k < taps (S K)) (P (ReadOf j k c) * tap (S K) (channel_at P K (input X n) j) O k)) +
  (if biased (S K) then P (OutShift c) else 0).

Definition channels_closed (lit : live) (T : channel_param) : Prop :=
  (forall h j i k, (1 < h <= K)%nat -> (j < size h)%nat -> (i < size (h - 1))%nat -> (k < taps h)%nat ->
    lit h j = true -> lit (h - 1)%nat i = false -> T (Kernel h j i k) = 0) /\
  (forall j k c, (j < size K)%nat -> (k < taps (S K))%nat -> lit K j = false -> T (ReadOf j k c) = 0).

(** the output looks at the live channels alone *)
Lemma channels_decide lit T : (1 <= K)%nat -> channels_closed lit T -> decides inner channel_net (live_rows lit, T).
Proof.
  intros HK (Hclosed & Hoff) P HP.
  assert (H : forall h x j, (1 <= h <= K)%nat -> (j < size h)%nat -> lit h j = true ->
    channel_at P h x j = channel_at T h x j).
  { intros h x. induction h as [|h IH]; intros j Hh Hj Hl; [lia|]. cbn [channel_at]. f_equal.
    apply functional_extensionality; intros p. f_equal.
    - apply lsum_ext; intros i Hi. apply in_rng in Hi. apply lsum_ext; intros k Hk. apply in_rng in Hk.
      assert (E : P (Kernel (S h) j i k) = T (Kernel (S h) j i k)).
      { apply (HP (Kernel (S h) j i k)). right. apply live_kernel; try easy. now replace (S h - 1)%nat with h by lia. }
      rewrite E. destruct h as [|h]; [easy|]. destruct (lit (S h) i) eqn:El.
      + rewrite IH; try easy; lia.
      + rewrite (Hclosed (S (S h)) j i k); try easy; try lia; try (now replace (S (S h) - 1)%nat with (S h) by lia). ring.
    - destruct (biased (S h)) eqn:Eb; [|easy]. apply (HP (Shift (S h) j)). right. now apply live_shift. }
  apply matrix_ext; intros n c. unfold channel_net, snd. f_equal.
  - apply lsum_ext; intros j Hj. apply in_rng in Hj. apply lsum_ext; intros k Hk. apply in_rng in Hk.
    rewrite (HP (ReadOf j k c)) by now left. unfold snd. destruct (lit K j) eqn:E.
    + rewrite H; try easy; lia.
    + rewrite (Hoff j k c Hj Hk E). ring.
  - destruct (biased (S K)); [|easy]. now rewrite (HP (OutShift c)) by now left.
Qed.

(** on a readout line every output is affine *)
Lemma channels_affine : reads_affinely inner channel_net.
Proof.
  intros P Q t HPQ.
  assert (HQ : forall h x j, channel_at Q h x j = channel_at P h x j).
  { intros h x. induction h as [|h IH]; intros j; [easy|]. cbn [channel_at]. f_equal.
    apply functional_extensionality; intros p. f_equal.
    - apply lsum_ext; intros i _. apply lsum_ext; intros k _. now rewrite IH, (HPQ (Kernel (S h) j i k) eq_refl).
    - now rewrite (HPQ (Shift (S h) j) eq_refl). }
  assert (HL : forall h x j, channel_at (lin t P Q) h x j = channel_at P h x j).
  { assert (E : forall x, inner x = true -> lin t P Q x = P x) by (intros x Hx; unfold lin; rewrite <- HPQ by easy; ring).
    intros h x. induction h as [|h IH]; intros j; [easy|]. cbn [channel_at]. f_equal.
    apply functional_extensionality; intros p. f_equal.
    - apply lsum_ext; intros i _. apply lsum_ext; intros k _. now rewrite IH, E.
    - destruct (biased (S h)); [now apply E | easy]. }
  apply matrix_ext; intros n c. unfold channel_net.
  rewrite (lsum_ext (seq 0 (size K)) _ (fun j => (1 - t) *
      (\sum_(k < taps (S K)) (P (ReadOf j k c) * tap (S K) (channel_at P K (input X n) j) O k)) + t *
      (\sum_(k < taps (S K)) (Q (ReadOf j k c) * tap (S K) (channel_at Q K (input X n) j) O k)))).
  - rewrite lsum_lin. destruct (biased (S K)); unfold lin; ring.
  - intros j _. rewrite <- lsum_lin. apply lsum_ext; intros k _. rewrite HL, HQ. unfold lin. ring.
Qed.

(** the channels of layer h renamed by s h, an involution; those of the input are not renamed *)
Definition channels_renamed (s : nat -> nat -> nat) (P : channel_param) : channel_param := fun x =>
  match x with
  | Kernel h j i k => P (Kernel h (s h j) (s (h - 1)%nat i) k)
  | Shift h j => P (Shift h (s h j))
  | ReadOf j k c => P (ReadOf (s K j) k c)
  | OutShift c => P (OutShift c)
  end.

Lemma renamed_channels s P : (forall j, s O j = j) -> (forall h j, s h (s h j) = j) ->
  (forall h j, (j < size h)%nat -> (s h j < size h)%nat) -> channel_net (channels_renamed s P) = channel_net P.
Proof.
  intros H0 Hs Hw.
  assert (H : forall h x j, channel_at (channels_renamed s P) h x j = channel_at P h x (s h j)).
  { intros h x. induction h as [|h IH]; intros j; [simpl; now rewrite H0|]. cbn [channel_at channels_renamed].
    f_equal. apply functional_extensionality; intros p. f_equal. rewrite <- (lsum_involution (size h) (s h)
      (fun i => \sum_(k < taps (S h)) (P (Kernel (S h) (s (S h) j) i k) * tap (S h) (channel_at P h x i) p k))) by auto.
    apply lsum_ext; intros i _. apply lsum_ext; intros k _. rewrite IH. now replace (S h - 1)%nat with h by lia. }
  apply matrix_ext; intros n c. unfold channel_net. cbn [channels_renamed]. f_equal.
  rewrite <- (lsum_involution (size K) (s K)
    (fun j => \sum_(k < taps (S K)) (P (ReadOf j k c) * tap (S K) (channel_at P K (input X n) j) O k))) by auto.
  apply lsum_ext; intros j _. apply lsum_ext; intros k _. now rewrite H.
Qed.
End ChannelChains.
