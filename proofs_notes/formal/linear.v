(** Linear dependence over R, elementary: of m vectors of length n all but n depend on the others.
    R5 uses it for features (length N), T2 for columns of V (length p). *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia.
From Skipscape Require Import sums selection.
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

(** z_i is the combination C_i of the vectors outside J *)
Definition spanned (m n : nat) (J : list nat) (C : nat -> nat -> R) (z : nat -> nat -> R) (i : nat) : Prop :=
  forall k, (k < n)%nat -> z i k = \sum_(b < m) (if mem b J then 0 else C i b * z b k).

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
    apply in_others in Hi. destruct Hi as [Him HiJ].
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
    exists J', (fun j b => if Nat.eqb j i then e b else C j b + C j i * e b).
    split; [now constructor|]. split; [simpl; lia|]. split; [intros j [<-|Hj]; auto|].
    intros j Hj k Hk. destruct (Nat.eqb_spec j i) as [->|Hne].
    + now apply Hi'.
    + destruct Hj as [E|Hj]; [now subst|].
      rewrite (HC j Hj k Hk).
      rewrite (lsum_split m [i] _ ltac:(repeat constructor; easy)) by (intros j' [<-|[]]; easy).
      cbn [lsum]. rewrite (proj2 (mem_false i J) HiJ), Rplus_0_r, (Hi' k Hk), <- lsum_scal, <- lsum_plus.
      apply lsum_ext; intros b _. unfold J'. simpl. destruct (Nat.eqb b i); simpl; [ring|].
      unfold mem. destruct (existsb (Nat.eqb b) J); ring.
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
