(** Twins (certificates' segment kind `twins`) and units that move to a free slot, in chains of channels of any depth:
    two channels of a layer that everything enters alike are equal, so what reads them may be passed over from one to
    the other at constant sum, and no output changes. A channel that nothing reads takes the row of another one and then
    its readers: the renaming of a unit as a path.

    Definitions: [alike], two channels of a layer that everything enters alike; [reads], a weight that reads a channel
    of a layer; [handed], only what reads two channels differs, and has the same sums; [unread_channel], nothing
    reads it; [copied], the row of one channel copied to another; [passed], what read one channel reads the other.
    Statements: L9. *)

From Coq Require Import Reals Lra List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths.
From Skipscape.networks Require Import networks plain_chains.
From Skipscape.lemmas Require Import relay channel_chains.
Import ListNotations.
Open Scope R_scope.

Lemma lsum_two m j j' (f g : nat -> R) : (j < m)%nat -> (j' < m)%nat -> j <> j' ->
  (forall i, (i < m)%nat -> i <> j -> i <> j' -> f i = g i) -> f j + f j' = g j + g j' ->
  \sum_(i < m) (f i) = \sum_(i < m) (g i).
Proof.
  intros Hj Hj' Hne Hrest Hsum.
  enough (E : \sum_(i < m) (f i) = \sum_(i < m) (g i + ((if Nat.eqb j i then f i - g i else 0) +
    (if Nat.eqb j' i then f i - g i else 0)))).
  { rewrite E, !lsum_plus, (lsum_delta m j (fun i => f i - g i)), (lsum_delta m j' (fun i => f i - g i)) by easy. cbv beta.
    match goal with |- ?a + ?b = ?c => change (a + b = a); replace b with 0 by lra; apply Rplus_0_r end. }
  apply lsum_ext; intros i Hi. apply in_rng in Hi.
  destruct (Nat.eqb_spec j i) as [E1|H1]; destruct (Nat.eqb_spec j' i) as [E2|H2]; try congruence; try lra.
  rewrite (Hrest i Hi) by auto. lra.
Qed.

Section Twins.
Variables (K : nat) (size taps : nat -> nat) (biased : nat -> bool) (X : data).
Variables (image : vector -> nat -> vector) (tap : nat -> vector -> nat -> nat -> R) (after : nat -> vector -> vector).
Notation net := (channel_net K size taps biased X image tap after).
Notation channel := (channel_at size taps biased image tap after).

Definition alike (P : channel_param) (h j j' : nat) : Prop :=
  (forall i k, P (Kernel h j i k) = P (Kernel h j' i k)) /\ P (Shift h j) = P (Shift h j').
Definition reads (h j : nat) (x : channel_weight) : bool :=
  match x with
  | Kernel h' _ i _ => andb (Nat.eqb h' (S h)) (Nat.eqb i j)
  | ReadOf i _ _ => andb (Nat.eqb h K) (Nat.eqb i j)
  | _ => false
  end.
Definition handed (P Q : channel_param) (h j j' : nat) : Prop :=
  (forall x, reads h j x = false -> reads h j' x = false -> Q x = P x) /\
  (forall r k, Q (Kernel (S h) r j k) + Q (Kernel (S h) r j' k) = P (Kernel (S h) r j k) + P (Kernel (S h) r j' k)) /\
  (h = K -> forall k c, Q (ReadOf j k c) + Q (ReadOf j' k c) = P (ReadOf j k c) + P (ReadOf j' k c)).

Lemma alike_equal P h j j' x : (1 <= h)%nat -> alike P h j j' -> channel P h x j = channel P h x j'.
Proof.
  intros Hh [H1 H2]. destruct h as [|h]; [lia|]. cbn [channel_at]. f_equal. apply functional_extensionality; intros p.
  rewrite H2. f_equal. apply lsum_ext; intros i _. apply lsum_ext; intros k _. now rewrite H1.
Qed.

Lemma handed_line P Q h j j' t : handed P Q h j j' -> handed P (lin t P Q) h j j'.
Proof.
  intros (H1 & H2 & H3). unfold lin. split; [|split].
  - intros x Hx Hx'. rewrite (H1 x Hx Hx'). ring.
  - intros r k. specialize (H2 r k). nra.
  - intros E k c. specialize (H3 E k c). nra.
Qed.

Lemma handed_same P Q h j j' : (1 <= h <= K)%nat -> (j < size h)%nat -> (j' < size h)%nat -> j <> j' ->
  alike P h j j' -> handed P Q h j j' -> net Q = net P.
Proof.
  intros Hh Hj Hj' Hne Hal (H1 & H2 & H3).
  (* what two twins send on, by weights of the same sum *)
  assert (Hpair : forall n (a b a' b' : nat -> R) (v v' : nat -> R), (forall k, v k = v' k) ->
    (forall k, a k + a' k = b k + b' k) ->
    \sum_(k < n) (a k * v k) + \sum_(k < n) (a' k * v' k) = \sum_(k < n) (b k * v k) + \sum_(k < n) (b' k * v' k)).
  { intros n a b a' b' v v' Hv Hs. rewrite <- !lsum_plus. apply lsum_ext; intros k _. rewrite <- Hv.
    replace (a k * v k + a' k * v k) with ((a k + a' k) * v k) by ring. rewrite Hs. ring. }
  assert (H : forall g x r, channel Q g x r = channel P g x r).
  { intros g x. induction g as [|g IH]; intros r; [easy|]. cbn [channel_at]. f_equal.
    apply functional_extensionality; intros p. f_equal.
    2: { destruct (biased (S g)); [now apply H1 | easy]. }
    destruct (Nat.eq_dec g h) as [->|Hg].
    - apply (lsum_two (size h) j j'); try easy.
      + intros i _ Hi Hi'. apply lsum_ext; intros k _. rewrite IH. f_equal.
        apply H1; unfold reads; rewrite Nat.eqb_refl; cbn [andb]; now apply Nat.eqb_neq.
      + rewrite !IH. apply Hpair; [intros k; now rewrite (alike_equal P h j j' x) | intros k; apply H2].
    - apply lsum_ext; intros i _. apply lsum_ext; intros k _. rewrite IH. f_equal.
      apply H1; unfold reads; rewrite (proj2 (Nat.eqb_neq (S g) (S h))) by lia; easy. }
  apply matrix_ext; intros n c. unfold channel_net. f_equal.
  2: { destruct (biased (S K)); [now apply H1 | easy]. }
  destruct (Nat.eq_dec h K) as [->|Hk].
  - apply (lsum_two (size K) j j'); try easy.
    + intros i _ Hi Hi'. apply lsum_ext; intros k _. rewrite H. f_equal.
      apply H1; unfold reads; rewrite Nat.eqb_refl; cbn [andb]; now apply Nat.eqb_neq.
    + rewrite !H. apply Hpair; [intros k; now rewrite (alike_equal P K j j' _) | intros k; now apply H3].
  - apply lsum_ext; intros i _. apply lsum_ext; intros k _. rewrite H. f_equal.
    apply H1; unfold reads; rewrite (proj2 (Nat.eqb_neq h K)) by easy; easy.
Qed.

(** segment kind `twins`: no output changes at any time, even beyond both ends *)
Theorem L9_twins P Q h j j' t : (1 <= h <= K)%nat -> (j < size h)%nat -> (j' < size h)%nat -> j <> j' ->
  alike P h j j' -> handed P Q h j j' -> net (lin t P Q) = net P.
Proof. intros Hh Hj Hj' Hne Hal Hq. apply (handed_same P _ h j j'); try easy. now apply handed_line. Qed.

Definition unread_channel (P : channel_param) (h j : nat) : Prop := forall x, reads h j x = true -> P x = 0.
Definition copied (h j j' : nat) (P : channel_param) : channel_param := fun x =>
  match x with
  | Kernel g r i k => if andb (Nat.eqb g h) (Nat.eqb r j') then P (Kernel h j i k) else P x
  | Shift g r => if andb (Nat.eqb g h) (Nat.eqb r j') then P (Shift h j) else P x
  | _ => P x
  end.
Definition passed (h j j' : nat) (P : channel_param) : channel_param := fun x =>
  if reads h j x then 0 else if reads h j' x then
    match x with Kernel g r _ k => P (Kernel g r j k) | ReadOf _ k c => P (ReadOf j k c) | _ => P x end
  else P x.

Lemma unread_row P h j' t j : (1 <= h <= K)%nat -> unread_channel P h j' -> net (lin t P (copied h j j' P)) = net P.
Proof.
  intros Hh Hun. set (S0 := fun g r => negb (andb (Nat.eqb g h) (Nat.eqb r j'))).
  apply (channels_decide K size taps biased X image tap after S0 P); [lia| |].
  - split.
    + intros g r i k Hg Hr Hi Hk _ Hd. apply Hun. unfold S0 in Hd. apply Bool.negb_false_iff, Bool.andb_true_iff in Hd.
      destruct Hd as [Hd1 Hd2]. unfold reads. rewrite Hd2. apply Nat.eqb_eq in Hd1.
      now rewrite (proj2 (Nat.eqb_eq g (S h))) by lia.
    + intros r k c Hr Hk Hd. apply Hun. unfold S0 in Hd. apply Bool.negb_false_iff, Bool.andb_true_iff in Hd.
      destruct Hd as [Hd1 Hd2]. unfold reads. now rewrite Nat.eqb_sym, Hd1, Hd2.
  - intros x Hx. cbn [fst snd] in *. unfold lin. replace (copied h j j' P x) with (P x); [ring|].
    destruct Hx as [Hx|Hx]; [destruct x; easy|]. apply rows_of in Hx. unfold S0 in Hx.
    destruct x as [g r i k | g r | |]; try easy; unfold copied.
    + destruct Hx as (_ & _ & _ & _ & Hx). apply Bool.negb_true_iff in Hx. now rewrite Hx.
    + destruct Hx as (_ & _ & _ & Hx). apply Bool.negb_true_iff in Hx. now rewrite Hx.
Qed.

(** a unit moves to a free slot of its layer: no output changes on the way, and its own slot is free at the end *)
Theorem L9_moved_unit P h j j' : (1 <= h <= K)%nat -> (j < size h)%nat -> (j' < size h)%nat -> j <> j' ->
  unread_channel P h j' -> let Q := copied h j j' P in let T := passed h j j' Q in
  joined (fun R0 => net R0 = net P) P T /\ unread_channel T h j /\
  (forall i k, T (Kernel h j' i k) = P (Kernel h j i k)) /\ T (Shift h j') = P (Shift h j) /\
  (forall r k, T (Kernel (S h) r j' k) = P (Kernel (S h) r j k)) /\
  (h = K -> forall k c, T (ReadOf j' k c) = P (ReadOf j k c)).
Proof.
  intros Hh Hj Hj' Hne Hun Q T.
  assert (Ej : Nat.eqb j' j = false) by (apply Nat.eqb_neq; auto).
  assert (Esh : Nat.eqb (S h) h = false) by (apply Nat.eqb_neq; lia).
  assert (Ehs : Nat.eqb h (S h) = false) by (apply Nat.eqb_neq; lia).
  assert (Hrow : forall t, net (lin t P Q) = net P) by (intros t; now apply unread_row).
  assert (HQ : net Q = net P) by (rewrite <- (lin_1 P Q); apply Hrow).
  assert (Hal : alike Q h j j').
  { unfold alike, Q, copied. rewrite Nat.eqb_refl, (Nat.eqb_sym j j'), Ej, Nat.eqb_refl. easy. }
  assert (HunQ : unread_channel Q h j').
  { intros x Hx. rewrite <- (Hun x Hx). unfold Q, copied. destruct x as [g r i k | | |]; try easy.
    unfold reads in Hx. apply Bool.andb_true_iff in Hx. destruct Hx as [Hg _]. apply Nat.eqb_eq in Hg. subst g.
    now rewrite Esh. }
  assert (Hhand : handed Q T h j j').
  { split; [|split].
    - intros x H1 H2. unfold T, passed. now rewrite H1, H2.
    - intros r k. assert (E0 : Q (Kernel (S h) r j' k) = 0).
      { apply HunQ. unfold reads. now rewrite !Nat.eqb_refl. }
      unfold T, passed, reads. rewrite !Nat.eqb_refl, Ej, E0. cbn [andb]. ring.
    - intros E k c. assert (E0 : Q (ReadOf j' k c) = 0).
      { apply HunQ. unfold reads. now rewrite E, !Nat.eqb_refl. }
      unfold T, passed, reads. rewrite E, !Nat.eqb_refl, Ej, E0. cbn [andb]. ring. }
  split; [|split; [|split; [|split; [|split]]]].
  - apply (joined_trans _ P Q T); apply joined_line; intros t _; [apply Hrow|].
    rewrite <- HQ. now apply (L9_twins Q T h j j').
  - intros x Hx. unfold T, passed. now rewrite Hx.
  - intros i k. unfold T, passed, reads. rewrite Ehs. cbn [andb]. unfold Q, copied. now rewrite !Nat.eqb_refl.
  - unfold T, passed, reads, Q, copied. now rewrite !Nat.eqb_refl.
  - intros r k. unfold T, passed, reads. rewrite !Nat.eqb_refl, Ej. cbn [andb]. unfold Q, copied. now rewrite Esh.
  - intros E k c. unfold T, passed, reads. now rewrite E, !Nat.eqb_refl, Ej.
Qed.
End Twins.
