(** L9 [known] (blueprint, section 1): silent slots, and copies of a two-layer network that differ by a permutation;
    with one free slot they are joined by exact paths. Without one there can be a barrier: valley.v.

    Definitions: [silent], V_j = 0 and A_j = 0 for j in J; [load], the weights with new rows w_j on J; [injective],
    s puts l neurons into different slots below m; [free], slot b is not used; [placed], neuron k of the two-layer
    network (w, v) sits in slot s k, every other slot has V = 0, and U = 0; [two_layer_mass], the mass of (w, v)
    itself; [copy], U = 0, the function is that of (w, v), the mass at most its; [upd], s with neuron k0 in slot b;
    [pos], which neuron slot j of J carries.
    Statements: L9. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import readout.
Import ListNotations.
Open Scope R_scope.

(** "A neuron with V_j = 0, A_j = 0" *)
Definition silent (P : param) (J : list nat) : Prop := forall j, In j J ->
  (forall c, V P j c = 0) /\ (forall a, A P j a = 0).

(** "may take any w_j" *)
Definition load (P : param) (J : list nat) (w : matrix) : param :=
  make (fun j i => if mem j J then w j i else W P j i) (V P) (A P) (U P) (Q P).

(** Neuron k of the two-layer network (w, v) sits in slot s k; every other slot has V = 0; U = 0. *)
Definition injective (m l : nat) (s : nat -> nat) : Prop :=
  (forall k, (k < l)%nat -> (s k < m)%nat) /\
  forall k k', (k < l)%nat -> (k' < l)%nat -> s k = s k' -> k = k'.
Definition free (l : nat) (s : nat -> nat) (b : nat) : Prop := forall k, (k < l)%nat -> s k <> b.
Definition placed (m l : nat) (w v : matrix) (s : nat -> nat) (P : param) : Prop :=
  (forall k, (k < l)%nat -> forall i, W P (s k) i = w k i) /\
  (forall k, (k < l)%nat -> forall c, V P (s k) c = v k c) /\
  (forall j, (j < m)%nat -> free l s j -> forall c, V P j c = 0) /\
  (forall c u, U P c u = 0).

Section Slots.
Variables (X : data) (m : nat) (B : branch).

Lemma silent_sum J (M M' : matrix) (z z' : vector) a :
  (forall j, M' j a = M j a) -> (forall j, In j J -> M j a = 0) -> (forall j, ~ In j J -> z' j = z j) ->
  \sum_(j < m) (M' j a * z' j) = \sum_(j < m) (M j a * z j).
Proof.
  intros E H0 Hz. apply lsum_ext; intros j _. rewrite E.
  destruct (in_dec Nat.eq_dec j J) as [Hj|Hj]; [rewrite H0 by easy; ring | now rewrite Hz].
Qed.

Lemma load_feature P J w t k j : ~ In j J ->
  feature X (lin t P (load P J w)) k j = feature X P k j.
Proof.
  intros Hj. apply feature_ext. intros i. unfold load; entries. apply mem_false in Hj. rewrite Hj. ring.
Qed.

Lemma load_U P J w t : U (lin t P (load P J w)) = U P.
Proof. apply matrix_ext; intros. unfold load; entries; ring. Qed.

Lemma load_Q P J w t : Q (lin t P (load P J w)) = Q P.
Proof. apply functional_extensionality; intros. apply matrix_ext; intros. unfold load; entries; ring. Qed.

Lemma load_reading P J w t k a : silent P J ->
  reading X m (lin t P (load P J w)) k a = reading X m P k a.
Proof.
  intros H0. apply (silent_sum J).
  - intros j. unfold load; entries; ring.
  - intros j Hj. now apply H0.
  - intros j Hj. now apply load_feature.
Qed.

Lemma load_deep P J w t k c : silent P J ->
  deep X m B (lin t P (load P J w)) k c = deep X m B P k c.
Proof.
  intros H0. apply deep_ext.
  - intros a. now apply load_reading.
  - intros s. now rewrite load_U.
  - apply load_Q.
Qed.

Theorem L9_silent P J w t : silent P J ->
  parallel X m B (lin t P (load P J w)) = parallel X m B P.
Proof.
  intros H0. apply matrix_ext; intros k c. unfold parallel. f_equal; [|now apply load_deep].
  apply (silent_sum J).
  - intros j. unfold load; entries; ring.
  - intros j Hj. now apply H0.
  - intros j Hj. now apply load_feature.
Qed.

Theorem L9_silent_residual P J w t : silent P J ->
  residual X m B (lin t P (load P J w)) = residual X m B P.
Proof.
  intros H0. apply matrix_ext; intros k c.
  apply (silent_sum J (V P) (V (lin t P (load P J w)))
    (fun j => feature X P k j + deep X m B P k j)
    (fun j => feature X (lin t P (load P J w)) k j + deep X m B (lin t P (load P J w)) k j)).
  - intros j. unfold load; entries; ring.
  - intros j Hj. now apply H0.
  - intros j Hj. now rewrite load_feature, load_deep.
Qed.

(** once U = 0 the weights A and those inside q are free as well *)
Theorem L9_branch_off P P' : W P' = W P -> V P' = V P ->
  (forall c s, U P c s = 0) -> (forall c s, U P' c s = 0) ->
  parallel X m B P' = parallel X m B P.
Proof.
  intros EW EV H H'. rewrite !parallel_off by easy. apply matrix_ext; intros k c.
  unfold skip, feature. now rewrite EW, EV.
Qed.

(** with U = 0 at both ends, rows with V_j = 0, A and the weights inside q move together *)
Theorem L9_silent_off P P' t : V P' = V P -> (forall c s, U P c s = 0) -> (forall c s, U P' c s = 0) ->
  (forall j, (j < m)%nat -> (forall c, V P j c = 0) \/ (forall i, W P' j i = W P j i)) ->
  parallel X m B (lin t P P') = parallel X m B P.
Proof.
  intros EV HU HU' Hrows. rewrite !parallel_off; [| easy |].
  - apply matrix_ext; intros k c. apply lsum_ext; intros j Hj. apply in_rng in Hj.
    change (V (lin t P P') j c) with ((1 - t) * V P j c + t * V P' j c). rewrite EV.
    destruct (Hrows j Hj) as [H0|HW].
    + rewrite H0. ring.
    + rewrite (feature_ext X (lin t P P') P); [ring|]. intros i.
      change (W (lin t P P') j i) with ((1 - t) * W P j i + t * W P' j i). rewrite HW. ring.
  - intros c s. change (U (lin t P P') c s) with ((1 - t) * U P c s + t * U P' c s). rewrite HU, HU'. ring.
Qed.

(** * Copies of a two-layer network *)

Variable l : nat.
Variables w v : matrix.

(** mass of the two-layer network itself *)
Definition two_layer_mass : R := \sum_(k < l) (enorm (seen X) (w k) * enorm (outputs X) (v k)).

(** the branch is off, the function is g*, the mass is at most g*'s *)
Definition copy (P : param) : Prop :=
  (forall c s, U P c s = 0) /\ skip X m P = two_layer X l w v /\ mass X m B 0 P <= two_layer_mass.

Lemma slots_NoDup s : injective m l s -> NoDup (map s (seq 0 l)).
Proof.
  intros [_ H].
  assert (E : forall L, NoDup L -> (forall k, In k L -> (k < l)%nat) -> NoDup (map s L)).
  { induction 1 as [|k L Hk HL IH]; intros HB; simpl; constructor.
    - rewrite in_map_iff. intros (k' & E & Hk'). apply Hk.
      rewrite (H k k'); auto with datatypes.
    - apply IH; auto with datatypes. }
  apply E; [apply seq_NoDup | intros k Hk; now apply in_rng in Hk].
Qed.

Lemma in_slots (s : nat -> nat) j : In j (map s (seq 0 l)) <-> exists k : nat, (k < l)%nat /\ s k = j.
Proof.
  rewrite in_map_iff. split; intros (k & Hk & Hk'); exists k.
  - now apply in_rng in Hk'.
  - split; [easy | now apply in_rng].
Qed.

Lemma not_in_slots (s : nat -> nat) j : ~ In j (map s (seq 0 l)) <-> free l s j.
Proof.
  rewrite in_slots. split.
  - intros H k Hk E. apply H. now exists k.
  - intros H (k & Hk & E). now apply (H k).
Qed.

(** a sum over the m slots of a placement is a sum over the l neurons *)
Lemma placed_sum s F F' : injective m l s ->
  (forall j, (j < m)%nat -> free l s j -> F j = 0) -> (forall k, (k < l)%nat -> F (s k) = F' k) ->
  \sum_(j < m) F j = \sum_(k < l) F' k.
Proof.
  intros Hs H0 HF.
  rewrite (lsum_ext _ F (fun j => if mem j (map s (seq 0 l)) then F j else 0)).
  - rewrite lsum_mem; [|now apply slots_NoDup|].
    + rewrite lsum_map. apply lsum_ext. intros k Hk. apply HF. now apply in_rng.
    + intros j Hj. apply in_slots in Hj. destruct Hj as (k & Hk & <-). now apply Hs.
  - intros j Hj. apply in_rng in Hj. destruct (mem j (map s (seq 0 l))) eqn:E; [easy|].
    apply mem_false, not_in_slots in E. now apply H0.
Qed.

Lemma placed_copy s P : injective m l s -> placed m l w v s P -> copy P.
Proof.
  intros Hs (HW & HV & H0 & HU). split; [easy|]. split.
  - apply matrix_ext; intros k c. apply (placed_sum s); [easy| |].
    + intros j Hj Hf. rewrite H0 by easy. ring.
    + intros n Hn. rewrite HV by easy. unfold feature. do 2 f_equal. apply dot_ext. now apply HW.
  - right. apply (placed_sum s); [easy| |].
    + intros j Hj Hf. unfold neuron_mass. rewrite (enorm_zero _ (V P j)) by (intros; now apply H0). ring.
    + intros n Hn. unfold neuron_mass. rewrite Rmult_0_l, Rplus_0_r. f_equal.
      * apply enorm_ext; intros; now apply HW.
      * apply enorm_ext; intros; now apply HV.
Qed.

Lemma placed_lin s P P' t :
  placed m l w v s P -> placed m l w v s P' -> placed m l w v s (lin t P P').
Proof.
  intros (a & b & c & d) (a' & b' & c' & d'). split; [|split; [|split]].
  - intros k Hk i. change (W (lin t P P') (s k) i) with ((1 - t) * W P (s k) i + t * W P' (s k) i).
    rewrite a, a' by easy. ring.
  - intros k Hk i. change (V (lin t P P') (s k) i) with ((1 - t) * V P (s k) i + t * V P' (s k) i).
    rewrite b, b' by easy. ring.
  - intros j Hj Hf i. change (V (lin t P P') j i) with ((1 - t) * V P j i + t * V P' j i).
    rewrite c, c' by easy. ring.
  - intros i u. change (U (lin t P P') i u) with ((1 - t) * U P i u + t * U P' i u).
    rewrite d, d'. ring.
Qed.

Lemma placed_joined s P P' : injective m l s ->
  placed m l w v s P -> placed m l w v s P' -> joined copy P P'.
Proof.
  intros Hs HP HP'. apply joined_line. intros t _.
  apply (placed_copy s); [easy | now apply placed_lin].
Qed.

(** from one copy to another on the same rows: only V moves *)
Lemma copy_readout P v' : copy P -> copy (readout P v' (U P)) ->
  joined copy P (readout P v' (U P)).
Proof.
  intros (HU & HP & HM) (_ & HQ & HM'). apply joined_line. intros t Ht.
  rewrite lin_readout, mix_same. split; [|split].
  - easy.
  - rewrite <- (parallel_off X m B) by easy. rewrite <- (mix_same (U P) t), <- lin_readout.
    apply matrix_ext; intros k c. rewrite L7_affine, !parallel_off by easy.
    rewrite HP, HQ. ring.
  - apply Rle_trans with ((1 - t) * mass X m B 0 P + t * mass X m B 0 (readout P v' (U P))); [|nra].
    unfold mass. rewrite <- lsum_lin. apply lsum_le; intros j _. unfold neuron_mass.
    rewrite !Rmult_0_l, !Rplus_0_r, !V_readout. change (W (readout P ?a ?b) j) with (W P j).
    change (W (readout P v' (U P)) j) with (W P j).
    pose proof (enorm_convex (outputs X) t (V P j) (v' j) Ht) as H.
    apply (Rmult_le_compat_l (enorm (seen X) (W P j))) in H; [|apply enorm_nonneg]. lra.
Qed.

Definition upd (s : nat -> nat) (k0 b : nat) (k : nat) : nat := if Nat.eqb k k0 then b else s k.

Lemma upd_same s k0 b : upd s k0 b k0 = b.
Proof. unfold upd. now rewrite Nat.eqb_refl. Qed.

Lemma upd_other s k0 b k : k <> k0 -> upd s k0 b k = s k.
Proof. intros H. unfold upd. apply Nat.eqb_neq in H. now rewrite H. Qed.

Lemma upd_injective s k0 b : injective m l s -> (b < m)%nat -> free l s b -> injective m l (upd s k0 b).
Proof.
  intros [H1 H2] Hb Hf. split; unfold upd; intros k.
  - intros Hk. destruct (Nat.eqb k k0); auto.
  - intros k' Hk Hk'. destruct (Nat.eqb_spec k k0), (Nat.eqb_spec k' k0); intros E; subst; auto.
    + exfalso. now apply (Hf k').
    + exfalso. now apply (Hf k).
Qed.

(** one neuron moves into a free slot *)
Lemma move_one s k0 b P : injective m l s -> (k0 < l)%nat -> (b < m)%nat -> free l s b ->
  placed m l w v s P -> exists P', placed m l w v (upd s k0 b) P' /\ joined copy P P'.
Proof.
  intros Hs Hk Hb Hf HP. pose proof HP as (HW & HV & H0 & HU).
  set (P1 := load P [b] (fun _ => w k0)).
  set (v' := fun j c => if Nat.eqb j b then v k0 c else if Nat.eqb j (s k0) then 0 else V P j c).
  assert (Hb' : forall k, (k < l)%nat -> mem (s k) [b] = false).
  { intros k Hk'. apply mem_false. intros [E|[]]. now apply (Hf k). }
  assert (HP1 : placed m l w v s P1).
  { split; [|easy]. intros k Hk' i. unfold P1, load; entries. rewrite Hb' by easy. now apply HW. }
  assert (HP2 : placed m l w v (upd s k0 b) (readout P1 v' (U P1))).
  { split; [|split; [|split]]; [| | |easy].
    - intros k Hk' i. change (W (readout P1 v' (U P1))) with (W P1).
      destruct (Nat.eq_dec k k0) as [->|n].
      + rewrite upd_same. unfold P1, load; entries. simpl. now rewrite Nat.eqb_refl.
      + rewrite upd_other by easy. now apply HP1.
    - intros k Hk' c. rewrite V_readout. unfold v'. destruct (Nat.eq_dec k k0) as [->|n].
      + now rewrite upd_same, Nat.eqb_refl.
      + rewrite upd_other by easy.
        destruct (Nat.eqb_spec (s k) b) as [e|e]; [exfalso; now apply (Hf k)|].
        destruct (Nat.eqb_spec (s k) (s k0)) as [e'|e']; [|now apply HV].
        exfalso. apply n. now apply Hs.
    - intros j Hj Hfj c. rewrite V_readout. unfold v'.
      destruct (Nat.eqb_spec j b) as [e|e]; [exfalso; apply (Hfj k0 Hk); now rewrite upd_same|].
      destruct (Nat.eqb_spec j (s k0)) as [e'|e']; [easy|]. apply H0; [easy|].
      intros k Hk' E. destruct (Nat.eq_dec k k0) as [->|n]; [congruence|].
      apply (Hfj k Hk'). now rewrite upd_other. }
  exists (readout P1 v' (U P1)). split; [easy|].
  apply (joined_trans copy P P1); [now apply (placed_joined s)|].
  apply copy_readout; [now apply (placed_copy s) | now apply (placed_copy (upd s k0 b)); [apply upd_injective|]].
Qed.

Lemma exists_free s : (l < m)%nat -> exists b, (b < m)%nat /\ free l s b.
Proof.
  intros Hlm. destruct (Forall_Exists_dec (fun b => In b (map s (seq 0 l)))
    (fun b => in_dec Nat.eq_dec b _) (seq 0 m)) as [H|H].
  - exfalso. rewrite Forall_forall in H.
    pose proof (NoDup_incl_length (seq_NoDup m 0) H) as E.
    rewrite map_length, !seq_length in E. lia.
  - apply Exists_exists in H. destruct H as (b & Hb & Hn). exists b.
    split; [now apply in_rng | now apply not_in_slots].
Qed.

(** the first n neurons brought to their places in s' *)
Lemma rearrange s s' n P : (l < m)%nat -> injective m l s -> injective m l s' -> (n <= l)%nat ->
  placed m l w v s P ->
  exists s2 P2, injective m l s2 /\ (forall k, (k < n)%nat -> s2 k = s' k) /\
    placed m l w v s2 P2 /\ joined copy P P2.
Proof.
  intros Hlm Hs Hs'. induction n as [|n IH]; intros Hn HP.
  - exists s, P. split; [easy|]. split; [intros; lia|]. split; [easy|]. now apply (placed_joined s).
  - destruct (IH ltac:(lia) HP) as (s2 & P2 & I2 & E2 & HP2 & C2).
    set (b := s' n). assert (Hb : (b < m)%nat) by (apply Hs'; lia).
    (* once slot b is free, neuron n goes there *)
    assert (Last : forall s3 P3, injective m l s3 -> (forall k, (k < n)%nat -> s3 k = s' k) ->
        placed m l w v s3 P3 -> joined copy P P3 -> free l s3 b ->
        exists s4 P4, injective m l s4 /\ (forall k, (k < S n)%nat -> s4 k = s' k) /\
          placed m l w v s4 P4 /\ joined copy P P4).
    { intros s3 P3 I3 E3 HP3 C3 F3. destruct (move_one s3 n b P3 I3 Hn Hb F3 HP3) as (P4 & HP4 & C4).
      exists (upd s3 n b), P4. split; [now apply upd_injective|]. split; [|split; [easy|]].
      - intros k Hk. destruct (Nat.eq_dec k n) as [->|e]; [apply upd_same|].
        rewrite upd_other by easy. apply E3. lia.
      - now apply (joined_trans copy P P3). }
    destruct (in_dec Nat.eq_dec b (map s2 (seq 0 l))) as [Hin|Hout].
    + apply in_slots in Hin. destruct Hin as (k0 & Hk0 & Ek0).
      destruct (Nat.eq_dec k0 n) as [->|e].
      * exists s2, P2. split; [easy|]. split; [|easy]. intros k Hk.
        destruct (Nat.eq_dec k n) as [->|]; [easy | apply E2; lia].
      * (* slot b is taken by neuron k0: k0 moves to a free slot first *)
        destruct (exists_free s2 Hlm) as (f & Hf & Ff).
        destruct (move_one s2 k0 f P2 I2 Hk0 Hf Ff HP2) as (P3 & HP3 & C3).
        apply (Last (upd s2 k0 f) P3); [now apply upd_injective | | easy | now apply (joined_trans copy P P2) | ].
        -- intros k Hk. destruct (Nat.eq_dec k k0) as [->|e']; [|rewrite upd_other; auto].
           exfalso. apply e. apply Hs'; [easy | lia |]. now rewrite <- E2.
        -- intros k Hk. destruct (Nat.eq_dec k k0) as [->|e'].
           ++ rewrite upd_same. intros E. apply (Ff k0 Hk0). now rewrite Ek0.
           ++ rewrite upd_other by easy. intros E. apply e'. apply I2; auto. now rewrite Ek0.
    + apply (Last s2 P2); auto. now apply not_in_slots.
Qed.

(** "With one free slot, two-layer networks that differ by a permutation are joined by exact paths" *)
Theorem L9_permutation s s' P P' : (l < m)%nat -> injective m l s -> injective m l s' ->
  placed m l w v s P -> placed m l w v s' P' -> joined copy P P'.
Proof.
  intros Hlm Hs Hs' HP HP'.
  destruct (rearrange s s' l P Hlm Hs Hs' (Nat.le_refl l) HP) as (s2 & P2 & I2 & E2 & HP2 & C2).
  apply (joined_trans copy P P2 P' C2). apply (placed_joined s'); auto.
  destruct HP2 as (a & b & c & d). split; [|split; [|split]]; [| | |easy].
  - intros k Hk i. rewrite <- E2 by easy. auto.
  - intros k Hk i. rewrite <- E2 by easy. auto.
  - intros j Hj Hf. apply c; [easy|]. intros k Hk. rewrite E2 by easy. auto.
Qed.

(** the slots of a list, in its order *)
Lemma list_injective J : slots m l J -> injective m l (fun k => nth k J O).
Proof.
  intros (HN & HL & HJ). split.
  - intros k Hk. apply HJ, nth_In. lia.
  - intros k k' Hk Hk' E. apply (proj1 (NoDup_nth J O) HN); auto; lia.
Qed.

Lemma list_free J j : length J = l -> free l (fun k => nth k J O) j <-> ~ In j J.
Proof.
  intros HL. split.
  - intros Hf Hj. destruct (In_nth J j O Hj) as (n & Hn & E). apply (Hf n); [lia | easy].
  - intros Hj k Hk E. apply Hj. rewrite <- E. apply nth_In. lia.
Qed.
End Slots.

(** ** Position of a slot in J: slot j carries neuron [pos j J] of g* *)
Fixpoint pos (j : nat) (J : list nat) : nat :=
  match J with nil => O | a :: K => if Nat.eqb j a then O else S (pos j K) end.

Lemma pos_nth J k : NoDup J -> (k < length J)%nat -> pos (nth k J O) J = k.
Proof.
  revert k. induction J as [|a K IH]; intros k HN Hk; simpl in *; [lia|].
  inversion_clear HN as [|? ? Ha HK]. destruct k; [now rewrite Nat.eqb_refl|].
  destruct (Nat.eqb_spec (nth k K O) a) as [e|e].
  - exfalso. apply Ha. rewrite <- e. apply nth_In. lia.
  - rewrite IH; [easy | easy | lia].
Qed.
