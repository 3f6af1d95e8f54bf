(** L6 [ours] (blueprint, section 1): the l lightest of M candidates weigh at most (l/M) of the total; and each of
    the l lightest is below a share of the total, which R7 uses. Candidates are 0 .. M-1, their weights any reals.

    Definitions: [others], the slots 0 .. m-1 outside J, in order.
    Statements: L6. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia.
From Skipscape.base Require Import sums.
Import ListNotations.
Open Scope R_scope.

Lemma heaviest (s : nat -> R) (L : list nat) : L <> nil ->
  exists a K, Permutation L (a :: K) /\ forall b, In b L -> s b <= s a.
Proof.
  induction L as [|a L IH]; [easy|]. intros _. destruct L as [|b L].
  - exists a, nil. split; [apply Permutation_refl|]. intros c [->|[]]. lra.
  - destruct IH as (c & K & HP & HM); [easy|]. destruct (Rle_dec (s a) (s c)) as [h|h].
    + exists c, (a :: K). split.
      * eapply Permutation_trans; [apply perm_skip, HP | apply perm_swap].
      * intros d [<-|Hd]; [easy | now apply HM].
    + exists a, (b :: L). split; [apply Permutation_refl|]. intros d [<-|Hd]; [lra|].
      specialize (HM d Hd). lra.
Qed.

(** the l lightest: J, with everything else at least as heavy *)
Lemma lightest (s : nat -> R) (m l : nat) : (l <= m)%nat ->
  exists J, NoDup J /\ length J = l /\ (forall j, In j J -> (j < m)%nat) /\
    forall j i, In j J -> (i < m)%nat -> ~ In i J -> s j <= s i.
Proof.
  intros Hl.
  enough (E : forall n, (n <= m)%nat -> exists J, NoDup J /\ length J = (m - n)%nat /\
     (forall j, In j J -> (j < m)%nat) /\ forall j i, In j J -> (i < m)%nat -> ~ In i J -> s j <= s i).
  { replace l with (m - (m - l))%nat by lia. apply E. lia. }
  induction n as [|n IH]; intros Hn.
  - exists (seq 0 m). rewrite Nat.sub_0_r. repeat split; [apply seq_NoDup | apply seq_length | | ].
    + intros j Hj. now apply in_rng in Hj.
    + intros j i _ Hi Hout. exfalso. apply Hout. now apply in_rng.
  - destruct IH as (J & HN & HL & HJ & HS); [lia|].
    destruct (heaviest s J) as (a & K & HP & HM); [intros ->; simpl in HL; lia|].
    pose proof (Permutation_NoDup HP HN) as HN'. inversion_clear HN' as [|? ? HaK HNK].
    pose proof (Permutation_length HP) as HLK. simpl in HLK.
    assert (HK : forall b, In b K -> In b J)
      by (intros b Hb; apply (Permutation_in _ (Permutation_sym HP)); now right).
    exists K. repeat split; auto; [lia|].
    intros j i Hj Hi Hout. destruct (Nat.eq_dec i a) as [->|Hne]; [apply HM; auto|].
    apply HS; auto. intros HiJ. apply Hout.
    destruct (Permutation_in _ HP HiJ) as [E|E]; [congruence | easy].
Qed.

Lemma lsum_le_const (s : nat -> R) (L : list nat) c :
  (forall j, In j L -> s j <= c) -> lsum L s <= INR (length L) * c.
Proof. intros H. rewrite <- lsum_const. now apply lsum_le. Qed.

Lemma lsum_ge_const (s : nat -> R) (L : list nat) c :
  (forall j, In j L -> c <= s j) -> INR (length L) * c <= lsum L s.
Proof. intros H. rewrite <- lsum_const. now apply lsum_le. Qed.

(** the slots outside J *)
Definition others (m : nat) (J : list nat) : list nat := filter (fun i => negb (mem i J)) (seq 0 m).

Lemma in_others m J i : In i (others m J) <-> (i < m)%nat /\ ~ In i J.
Proof. unfold others. rewrite filter_In, in_rng, Bool.negb_true_iff, mem_false. easy. Qed.

Lemma NoDup_app (L L' : list nat) :
  NoDup L -> NoDup L' -> (forall i, In i L -> ~ In i L') -> NoDup (L ++ L').
Proof.
  induction 1 as [|a L Ha HL IH]; intros HL' Hdis; [easy|]. simpl. constructor.
  - rewrite in_app_iff. intros [H|H]; [easy|]. apply (Hdis a); [now left | easy].
  - apply IH; [easy|]. intros i Hi. apply Hdis. now right.
Qed.

Lemma NoDup_app_l (L L' : list nat) : NoDup (L ++ L') -> NoDup L.
Proof.
  induction L as [|a L IH]; simpl; intros H; [constructor|].
  inversion_clear H as [|? ? Ha HL]. constructor; [|auto].
  intros Hin. apply Ha, in_app_iff. now left.
Qed.

Lemma others_perm m J : NoDup J -> (forall j, In j J -> (j < m)%nat) ->
  Permutation (seq 0 m) (J ++ others m J).
Proof.
  intros HN HJ. apply NoDup_Permutation; [apply seq_NoDup | |].
  - apply NoDup_app; [easy | apply NoDup_filter, seq_NoDup|].
    intros i Hi Hi'. now apply in_others in Hi'.
  - intros i. rewrite in_app_iff, in_others, in_rng.
    destruct (in_dec Nat.eq_dec i J) as [Hi|Hi]; split; intuition.
Qed.

Lemma others_length m J : NoDup J -> (forall j, In j J -> (j < m)%nat) ->
  (length J + length (others m J) = m)%nat.
Proof.
  intros HN HJ. pose proof (Permutation_length (others_perm m J HN HJ)) as H.
  rewrite app_length, seq_length in H. lia.
Qed.

Theorem L6_selection (s : nat -> R) (M l : nat) : (l <= M)%nat -> (0 < M)%nat ->
  exists J, NoDup J /\ length J = l /\ (forall j, In j J -> (j < M)%nat) /\
    (forall j i, In j J -> (i < M)%nat -> ~ In i J -> s j <= s i) /\
    lsum J s <= INR l / INR M * \sum_(j < M) s j.
Proof.
  intros Hl HM. destruct (lightest s M l Hl) as (J & HN & HL & HJ & Hmin).
  exists J. repeat split; auto.
  assert (HM' : 0 < INR M) by now apply lt_0_INR.
  change (\sum_(j < M) s j) with (lsum (seq 0 M) s). rewrite (lsum_perm _ _ s (others_perm M J HN HJ)), lsum_app.
  pose proof (others_length M J HN HJ) as Hlen.
  apply (Rmult_le_reg_l (INR M)); [easy|].
  replace (INR M * (INR l / INR M * (lsum J s + lsum (others M J) s)))
    with (INR l * lsum J s + INR l * lsum (others M J) s) by (field; lra).
  assert (HMl : INR M = INR l + INR (length (others M J))) by (rewrite <- plus_INR; f_equal; lia).
  enough (Hcross : INR (length (others M J)) * lsum J s <= INR l * lsum (others M J) s)
    by (rewrite HMl; lra).
  apply Rle_trans with (\sum_(j in J) \sum_(i in others M J) s j).
  - right. rewrite (lsum_ext J (fun j => \sum_(i in others M J) s j) (fun j => INR (length (others M J)) * s j))
      by (intros; apply lsum_const).
    now rewrite lsum_scal.
  - rewrite <- HL, <- lsum_const. apply lsum_le; intros j Hj. apply lsum_le; intros i Hi.
    apply in_others in Hi. now apply Hmin.
Qed.

(** each of the l lightest is below the average of the m - l + 1 heaviest, l >= 1 *)
Lemma lightest_share (s : nat -> R) m J : NoDup J -> (forall j, In j J -> (j < m)%nat) ->
  (forall j, 0 <= s j) ->
  (forall j i, In j J -> (i < m)%nat -> ~ In i J -> s j <= s i) ->
  forall j, In j J -> INR (m - length J + 1) * s j <= \sum_(i < m) s i.
Proof.
  intros HN HJ H0 Hmin j Hj.
  change (\sum_(j < m) s j) with (lsum (seq 0 m) s). rewrite (lsum_perm _ _ s (others_perm m J HN HJ)), lsum_app.
  pose proof (others_length m J HN HJ) as Hlen.
  replace (m - length J + 1)%nat with (length (others m J) + 1)%nat by lia.
  rewrite plus_INR. simpl (INR 1).
  assert (H1 : s j <= lsum J s) by (apply lsum_term; auto).
  assert (H2 : INR (length (others m J)) * s j <= lsum (others m J) s).
  { apply lsum_ge_const. intros i Hi. apply in_others in Hi. now apply Hmin. }
  lra.
Qed.
