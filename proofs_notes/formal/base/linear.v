(** Linear dependence over R, elementary: of m vectors of length n all but n depend on the others. R5 uses it for
    features (length N), T2 and T3 for columns of the readers. No matrix is inverted: rows are eliminated one by
    one.

    Definitions: [spanned], vector i is, in its first n entries, the combination with coefficients C_i of the
    vectors outside J.
    Statements: none; column_basis, independent_rest and spanning_slots serve R5, T2, T3. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia.
From Skipscape.base Require Import sums selection.
Import ListNotations.
Open Scope R_scope.

(** n + 1 vectors of length n are dependent: a combination over the list L, not all coefficients 0 *)
Lemma dependent n : forall (L : list nat) (z : nat -> nat -> R), NoDup L -> (n < length L)%nat ->
  exists a, (exists j, In j L /\ a j <> 0) /\ forall k, (k < n)%nat -> \sum_(j in L) (a j * z j k) = 0.
Proof.
  induction n as [|n IH]; intros L z HN HL.
  - destruct L as [|j0 L]; [simpl in HL; lia|].
    exists (fun _ => 1). split; [exists j0; split; [now left | lra] | intros; lia].
  - (* eliminate coordinate n with a pivot, if there is one *)
    destruct (Forall_Exists_dec (fun j => z j n = 0) (fun j => Req_EM_T (z j n) 0) L) as [Hall|Hex].
    + destruct (IH L z HN ltac:(lia)) as (a & Ha & Hsum). exists a. split; [easy|].
      intros k Hk. destruct (Nat.eq_dec k n) as [->|Hne]; [|apply Hsum; lia].
      apply lsum_zero. intros j Hj. rewrite Forall_forall in Hall. rewrite (Hall j Hj). ring.
    + apply Exists_exists in Hex. destruct Hex as (i & Hi & Hpivot).
      destruct (in_split i L Hi) as (L1 & L2 & ->).
      pose proof (NoDup_remove_1 _ _ _ HN) as HN'. pose proof (NoDup_remove_2 _ _ _ HN) as Hout.
      set (K := L1 ++ L2) in *.
      assert (HK : (n < length K)%nat)
        by (unfold K; rewrite app_length in *; simpl in HL; lia).
      set (y := fun j k => z j k - z j n / z i n * z i k).
      destruct (IH K y HN' HK) as (a & (j & Hj & Haj) & Hsum).
      set (c := - \sum_(j in K) (a j * (z j n / z i n))).
      exists (fun j => if Nat.eqb j i then c else a j). split.
      * exists j. split.
        -- unfold K in Hj. apply in_app_iff in Hj. apply in_app_iff. simpl. tauto.
        -- destruct (Nat.eqb_spec j i) as [->|_]; [now exfalso | easy].
      * intros k Hk.
        rewrite (lsum_perm _ (i :: K) _ (Permutation_sym (Permutation_middle L1 L2 i))). cbn [lsum].
        rewrite Nat.eqb_refl.
        rewrite (lsum_ext K _ (fun j => a j * y j k + (a j * (z j n / z i n)) * z i k)).
        2:{ intros j' Hj'. destruct (Nat.eqb_spec j' i) as [->|_]; [now exfalso | unfold y; ring]. }
        rewrite lsum_plus, lsum_scal_r.
        replace (\sum_(j in K) (a j * y j k)) with 0.
        { unfold c. ring. }
        symmetry. destruct (Nat.eq_dec k n) as [->|Hne]; [|apply Hsum; lia].
        apply lsum_zero. intros j' _. unfold y. field. easy.
Qed.

(** vectors of length n are dependent, or no combination of them but the trivial one vanishes *)
Lemma dependent_or_not n : forall (L : list nat) (z : nat -> nat -> R), NoDup L ->
  (exists a, (exists j, In j L /\ a j <> 0) /\ forall k, (k < n)%nat -> \sum_(j in L) (a j * z j k) = 0) \/
  (forall a, (forall k, (k < n)%nat -> \sum_(j in L) (a j * z j k) = 0) -> forall j, In j L -> a j = 0).
Proof.
  induction n as [|n IH]; intros L z HN.
  - destruct L as [|j0 L]; [now right|]. left.
    exists (fun _ => 1). split; [exists j0; split; [now left | lra] | intros; lia].
  - (* eliminate coordinate n with a pivot, if there is one *)
    destruct (Forall_Exists_dec (fun j => z j n = 0) (fun j => Req_EM_T (z j n) 0) L) as [Hall|Hex].
    + rewrite Forall_forall in Hall. destruct (IH L z HN) as [(a & Ha & Hsum)|Hnone].
      * left. exists a. split; [easy|]. intros k Hk. destruct (Nat.eq_dec k n) as [->|Hne]; [|apply Hsum; lia].
        apply lsum_zero. intros j Hj. rewrite (Hall j Hj). ring.
      * right. intros a Hsum. apply Hnone. intros k Hk. apply Hsum. lia.
    + apply Exists_exists in Hex. destruct Hex as (i & Hi & Hpivot).
      destruct (in_split i L Hi) as (L1 & L2 & ->).
      pose proof (NoDup_remove_1 _ _ _ HN) as HN'. pose proof (NoDup_remove_2 _ _ _ HN) as Hout.
      set (K := L1 ++ L2) in *. pose proof (Permutation_sym (Permutation_middle L1 L2 i)) as Hperm.
      fold K in Hperm. set (y := fun j k => z j k - z j n / z i n * z i k).
      (* a combination of the z is one of the y, up to z_i *)
      assert (Hy : forall a k, \sum_(j in K) (a j * y j k)
        = \sum_(j in K) (a j * z j k) - \sum_(j in K) (a j * z j n) / z i n * z i k).
      { intros a k. unfold Rdiv. rewrite <- !lsum_scal_r, <- lsum_minus. apply lsum_ext; intros j _.
        unfold y. field. easy. }
      destruct (IH K y HN') as [(a & (j & Hj & Haj) & Hsum)|Hnone].
      * left. set (c := - (\sum_(j in K) (a j * z j n) / z i n)).
        exists (fun j => if Nat.eqb j i then c else a j). split.
        -- exists j. split; [apply (Permutation_in _ (Permutation_sym Hperm)); now right|].
           destruct (Nat.eqb_spec j i) as [->|_]; [now exfalso | easy].
        -- intros k Hk. rewrite (lsum_perm _ _ _ Hperm). cbn [lsum]. rewrite Nat.eqb_refl.
           rewrite (lsum_ext K _ (fun j => a j * z j k)).
           2:{ intros j' Hj'. destruct (Nat.eqb_spec j' i) as [->|_]; [now exfalso | easy]. }
           replace (\sum_(j in K) (a j * z j k))
             with (\sum_(j in K) (a j * y j k) + \sum_(j in K) (a j * z j n) / z i n * z i k) by (rewrite Hy; ring).
           replace (\sum_(j in K) (a j * y j k)) with 0; [unfold c; ring|]. symmetry.
           destruct (Nat.eq_dec k n) as [->|Hne]; [rewrite Hy; field; easy | apply Hsum; lia].
      * right. intros a Hsum.
        assert (Hboth : forall k, (k < S n)%nat -> a i * z i k + \sum_(j in K) (a j * z j k) = 0).
        { intros k Hk. rewrite <- (Hsum k Hk), (lsum_perm _ _ _ Hperm). easy. }
        assert (HK : forall j, In j K -> a j = 0).
        { apply Hnone. intros k Hk. rewrite Hy. pose proof (Hboth k ltac:(lia)) as H1.
          pose proof (Hboth n ltac:(lia)) as H2.
          replace (\sum_(j in K) (a j * z j n)) with (- (a i * z i n)) by lra.
          replace (- (a i * z i n) / z i n * z i k) with (- (a i * z i k)) by (field; easy). lra. }
        intros j Hj. apply (Permutation_in _ Hperm) in Hj. destruct Hj as [<-|Hj]; [|now apply HK].
        pose proof (Hboth n ltac:(lia)) as H2. rewrite lsum_zero in H2 by (intros j Hj; rewrite HK by easy; ring).
        rewrite Rplus_0_r in H2. apply Rmult_integral in H2. now destruct H2.
Qed.

(** z_i is the combination C_i of the vectors outside J *)
Definition spanned (m n : nat) (J : list nat) (C : nat -> nat -> R) (z : nat -> nat -> R) (i : nat) : Prop :=
  forall k, (k < n)%nat -> z i k = \sum_(b < m) (if mem b J then 0 else C i b * z b k).

(** one more: if the vectors outside J are dependent, one of them joins J *)
Lemma spanned_more m n (z : nat -> nat -> R) J C a i : NoDup J -> (forall j, In j J -> (j < m)%nat) ->
  (forall j, In j J -> spanned m n J C z j) -> In i (others m J) -> a i <> 0 ->
  (forall k, (k < n)%nat -> \sum_(j in others m J) (a j * z j k) = 0) ->
  exists C', forall j, In j (i :: J) -> spanned m n (i :: J) C' z j.
Proof.
  intros HN HJ HC Hi Hai Hsum. apply in_others in Hi. destruct Hi as [Him HiJ].
  set (J' := i :: J).
  (* the others, as a sum over all slots *)
  assert (Hover : forall F : nat -> R, \sum_(j in others m J) F j = \sum_(b < m) (if mem b J then 0 else F b)).
  { intros F. unfold others. rewrite <- lsum_filter. apply lsum_ext; intros b _. now destruct (mem b J). }
  (* z_i by the slots outside J' *)
  set (e := fun b => - (a b / a i)).
  assert (Hi' : forall k, (k < n)%nat -> z i k = \sum_(b < m) (if mem b J' then 0 else e b * z b k)).
  { intros k Hk. specialize (Hsum k Hk). rewrite Hover in Hsum.
    rewrite (lsum_split m [i] _ ltac:(repeat constructor; easy)) in Hsum by (intros j [<-|[]]; easy).
    cbn [lsum] in Hsum. rewrite (proj2 (mem_false i J) HiJ) in Hsum.
    rewrite (lsum_ext _ _ (fun b => - / a i * (if mem b [i] then 0 else if mem b J then 0 else a b * z b k))).
    - rewrite lsum_scal. set (s := \sum_(b < m) (if mem b [i] then 0 else _)) in *.
      apply (Rmult_eq_reg_l (a i)); [|easy].
      replace (a i * (- / a i * s)) with (- s) by (field; easy). lra.
    - intros b _. unfold J'. simpl. destruct (Nat.eqb b i); simpl; [ring|].
      unfold mem. destruct (existsb (Nat.eqb b) J); unfold e; field; easy. }
  exists (fun j b => if Nat.eqb j i then e b else C j b + C j i * e b).
  intros j Hj k Hk. destruct (Nat.eqb_spec j i) as [->|Hne].
  - now apply Hi'.
  - destruct Hj as [E|Hj]; [now subst|].
    rewrite (HC j Hj k Hk).
    rewrite (lsum_split m [i] _ ltac:(repeat constructor; easy)) by (intros j' [<-|[]]; easy).
    cbn [lsum]. rewrite (proj2 (mem_false i J) HiJ), Rplus_0_r, (Hi' k Hk), <- lsum_scal, <- lsum_plus.
    apply lsum_ext; intros b _. unfold J'. simpl. destruct (Nat.eqb b i); simpl; [ring|].
    unfold mem. destruct (existsb (Nat.eqb b) J); ring.
Qed.

(** all but n of m vectors of length n are combinations of the others *)
Theorem column_basis m n (z : nat -> nat -> R) l : (n + l <= m)%nat ->
  exists J C, NoDup J /\ length J = l /\ (forall j, In j J -> (j < m)%nat) /\
    forall j, In j J -> spanned m n J C z j.
Proof.
  induction l as [|l IH]; intros Hl.
  - exists nil, (fun _ _ => 0). repeat split; try constructor; intros j [].
  - destruct IH as (J & C & HN & HL & HJ & HC); [lia|].
    pose proof (others_length m J HN HJ) as Hlen.
    destruct (dependent n (others m J) z) as (a & (i & Hi & Hai) & Hsum).
    { apply NoDup_filter, seq_NoDup. }
    { lia. }
    destruct (spanned_more m n z J C a i HN HJ HC Hi Hai Hsum) as (C' & HC').
    apply in_others in Hi. destruct Hi as [Him HiJ].
    exists (i :: J), C'. split; [now constructor|]. split; [simpl; lia|]. split; [|easy].
    intros j [<-|Hj]; auto.
Qed.

(** a basis: the vectors outside J are independent, those in J are combinations of them *)
Theorem independent_rest m n (z : nat -> nat -> R) :
  exists J C, NoDup J /\ (forall j, In j J -> (j < m)%nat) /\ (forall j, In j J -> spanned m n J C z j) /\
    forall a, (forall k, (k < n)%nat -> \sum_(j in others m J) (a j * z j k) = 0) ->
    forall j, (j < m)%nat -> ~ In j J -> a j = 0.
Proof.
  assert (H : forall q J C, NoDup J -> (forall j, In j J -> (j < m)%nat) ->
    (forall j, In j J -> spanned m n J C z j) -> (m <= q + length J)%nat ->
    exists J' C', NoDup J' /\ (forall j, In j J' -> (j < m)%nat) /\ (forall j, In j J' -> spanned m n J' C' z j) /\
      forall a, (forall k, (k < n)%nat -> \sum_(j in others m J') (a j * z j k) = 0) ->
      forall j, (j < m)%nat -> ~ In j J' -> a j = 0).
  { induction q as [|q IH]; intros J C HN HJ HC Hq.
    - exists J, C. split; [easy|]. split; [easy|]. split; [easy|]. intros a _ j Hj Hout. exfalso.
      pose proof (others_length m J HN HJ) as Hlen.
      assert (Hin : In j (others m J)) by now apply in_others.
      destruct (others m J); [easy | simpl in Hlen; lia].
    - destruct (dependent_or_not n (others m J) z (NoDup_filter _ (seq_NoDup _ _)))
        as [(a & (i & Hi & Hai) & Hsum)|Hnone].
      + destruct (spanned_more m n z J C a i HN HJ HC Hi Hai Hsum) as (C' & HC').
        apply in_others in Hi. destruct Hi as [Him HiJ].
        apply (IH (i :: J) C'); [now constructor | intros j [<-|Hj]; auto | easy | simpl; lia].
      + exists J, C. split; [easy|]. split; [easy|]. split; [easy|]. intros a Ha j Hj Hout.
        apply (Hnone a Ha). now apply in_others. }
  apply (H m [] (fun _ _ => 0)); [constructor | intros j [] | intros j [] | lia].
Qed.

(** seen from the other side: n of m vectors of length n span all of them *)
Theorem spanning_slots m n (z : nat -> nat -> R) : (n <= m)%nat ->
  exists Bs E, length Bs = n /\ (forall b, In b Bs -> (b < m)%nat) /\ forall j, (j < m)%nat ->
    forall k, (k < n)%nat -> z j k = \sum_(b < m) (if mem b Bs then E j b * z b k else 0).
Proof.
  intros Hn. destruct (column_basis m n z (m - n)) as (J & C & HN & HL & HJ & HC); [lia|].
  pose proof (others_length m J HN HJ) as Hlen.
  exists (others m J), (fun j b => if mem j J then C j b else if Nat.eqb j b then 1 else 0).
  split; [lia|]. split; [intros b Hb; now apply in_others in Hb|].
  intros j Hj k Hk. destruct (mem j J) eqn:E.
  - apply mem_In in E. rewrite (HC j E k Hk). apply lsum_ext; intros b Hb. apply in_rng in Hb.
    destruct (mem b J) eqn:Eb.
    + destruct (mem b (others m J)) eqn:Eo; [|easy]. apply mem_In, in_others in Eo. apply mem_In in Eb. now exfalso.
    + rewrite (proj2 (mem_In b (others m J))); [easy|]. apply in_others. split; [easy | now apply mem_false].
  - rewrite <- (lsum_delta m j (fun b => z b k) Hj). apply lsum_ext; intros b _.
    destruct (Nat.eqb_spec j b) as [<-|Hne].
    + rewrite (proj2 (mem_In j (others m J))); [ring|]. apply in_others. split; [easy | now apply mem_false].
    + destruct (mem b (others m J)); ring.
Qed.
