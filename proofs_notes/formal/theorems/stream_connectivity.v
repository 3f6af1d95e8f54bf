(** T3 [ours], T1 and C2 for STREAM networks (blueprint, section 2): L3, L4, every U_k is written to a basis of the
    readers, V and all A_k are emptied on J, g* is loaded, the readout rises. The moves are in stream.v.

    Definitions: [stream_clear], V and all A_k are 0 on J; [stream_load], new rows on J; [stream_basis], the columns
    of the readers V, A_2, ..., A_K in the slots Bs span the others with coefficients E; [stream_loss], a loss of a
    STREAM network.
    Statements: T3. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
From Skipscape.networks Require Import networks blocks.
From Skipscape.lemmas Require Import transfer losses slots residual stream.
From Skipscape.theorems Require Import connectivity.
Import ListNotations.
Open Scope R_scope.

Section Stream.
Variables (X : data) (m K : nat).
(** block k: the map q_k with its own weights *)
Variable Bl : nat -> branch.

(** * T3 *)

(** two parameters that differ on J only, where nothing is written to the stream and nothing new is read *)
Lemma stream_same P P' J : (forall n, sQ P' n = sQ P n) -> (forall n j s, sU P' n j s = sU P n j s) ->
  (forall j, In j J -> forall n s, sU P n j s = 0) ->
  (forall j, ~ In j J -> (forall i, sW P' j i = sW P j i) /\ (forall c, sV P' j c = sV P j c) /\
     (forall n a, sA P' n j a = sA P n j a)) ->
  (forall j, In j J -> forall k, (forall c, sV P' j c * stream_feature X P' k j = sV P j c * stream_feature X P k j) /\
     (forall n a, sA P' n j a * stream_feature X P' k j = sA P n j a * stream_feature X P k j)) ->
  stream X m K Bl P' = stream X m K Bl P.
Proof.
  intros EQ EU H0 Hout HJ.
  assert (Hfrozen : forall T, (forall n j s, sU T n j s = sU P n j s) -> forall n k j, In j J ->
    state X m Bl T n k j = stream_feature X T k j).
  { intros T ET n k j Hj. induction n as [|n IH]; [easy|]. rewrite (state_S X m Bl), IH, lsum_zero; [ring|].
    intros s _. rewrite ET, H0 by easy. ring. }
  assert (Hstate : forall n k j, ~ In j J -> state X m Bl P' n k j = state X m Bl P n k j).
  { induction n as [|n IH]; intros k j Hj.
    - cbn [state]. unfold stream_feature. f_equal. apply dot_ext. now apply Hout.
    - rewrite !(state_S X m Bl), IH by easy. f_equal. apply lsum_ext; intros s _. rewrite EU. f_equal.
      unfold block_out. rewrite EQ. f_equal. apply functional_extensionality; intros a.
      apply lsum_ext; intros i _. destruct (in_dec Nat.eq_dec i J) as [Hi|Hi].
      + rewrite (Hfrozen P'), (Hfrozen P) by easy. now apply HJ.
      + rewrite IH by easy. f_equal. now apply Hout. }
  apply matrix_ext; intros k c. apply lsum_ext; intros j _. destruct (in_dec Nat.eq_dec j J) as [Hj|Hj].
  - rewrite (Hfrozen P'), (Hfrozen P) by easy. now apply HJ.
  - rewrite Hstate by easy. f_equal. now apply Hout.
Qed.

(** V lives on J and no block writes there: only the skip layer is left *)
Lemma stream_on_J P J : (forall j, ~ In j J -> forall c, sV P j c = 0) ->
  (forall j, In j J -> forall n s, sU P n j s = 0) ->
  forall k c, stream X m K Bl P k c = \sum_(j < m) (sV P j c * stream_feature X P k j).
Proof.
  intros HV HU k c. apply lsum_ext; intros j _. destruct (in_dec Nat.eq_dec j J) as [Hj|Hj].
  - f_equal. generalize K as n. induction n as [|n IH]; [easy|]. rewrite (state_S X m Bl), IH, lsum_zero; [ring|].
    intros s _. rewrite HU by easy. ring.
  - rewrite !HV by easy. ring.
Qed.

(** "V, A_k silent on J" and the new rows *)
Definition stream_clear (P : stream_param) (J : list nat) : stream_param :=
  stream_make (sW P) (fun j c => if mem j J then 0 else sV P j c)
    (fun k j a => if mem j J then 0 else sA P k j a) (sU P) (sQ P).
Definition stream_load (P : stream_param) (J : list nat) (w : matrix) : stream_param :=
  stream_make (fun j i => if mem j J then w j i else sW P j i) (sV P) (sA P) (sU P) (sQ P).

(** the slots Bs span the columns of the readers V, A_2, ..., A_K (here A_1, ..., A_(K-1)) *)
Definition stream_basis (P : stream_param) (Bs : list nat) (E : matrix) : Prop := forall j, (j < m)%nat ->
  (forall c, (c < outputs X)%nat -> sV P j c = \sum_(b < m) (if mem b Bs then E j b * sV P b c else 0)) /\
  (forall k, (0 < k < K)%nat -> forall a, (a < branch_in (Bl k))%nat ->
     sA P k j a = \sum_(b < m) (if mem b Bs then E j b * sA P k b a else 0)).

(** columns of J and of Bs do not receive anything in L4 *)
Lemma received_reader n (M : matrix) J ctr cf Bs E : (forall j, In j J -> ~ In (ctr j) Bs) ->
  spanned_reader m n M J Bs E -> spanned_reader m n (receive J (single ctr cf) M) J Bs E.
Proof.
  intros Hctr HM j Hj a Ha.
  assert (Hstay : forall i, In i J \/ In i Bs -> receive J (single ctr cf) M i a = M i a).
  { intros i Hi. unfold receive. destruct (mem i J) eqn:EJ; [easy|]. rewrite lsum_zero; [ring|].
    intros j' Hj'. unfold single. destruct (Nat.eqb_spec (ctr j') i) as [<-|_]; [|ring]. exfalso.
    destruct Hi as [Hi|Hi]; [apply mem_In in Hi; congruence | now apply (Hctr j')]. }
  rewrite Hstay by now left. rewrite (HM j Hj a Ha). apply lsum_ext; intros b _.
  destruct (mem b Bs) eqn:EB; [|easy]. rewrite Hstay; [easy|]. right. now apply mem_In.
Qed.

Definition stream_loss (Phi : (nat -> vector) -> R) (P : stream_param) : R := Phi (stream X m K Bl P).

Theorem T3_from_merge Phi G l w v sigma lam P J ctr cf Bs E : tame X G Phi ->
  moment X sigma -> stream_gain X m K Bl P lam ->
  admissible m l J ctr cf -> outside Bs J ctr -> stream_basis P Bs E ->
  exists T, placed m l w v (fun k => nth k J O) T /\ stream X m K Bl (embed T) = two_layer X l w v /\
  joined (sublevel (stream_loss Phi) (Rmax (stream_loss Phi P + G * stream_deviation X K Bl sigma lam P J ctr cf)
                                           (Phi (two_layer X l w v)))) P (embed T).
Proof.
  intros HPhi Hs Hgain Ha [HBJ Hctr] Hbasis. pose proof Ha as [HJ [Hc Hcf]]. pose proof HJ as (HN & HL & HJm).
  pose proof HPhi as (HG & HL8 & HL7).
  pose proof Hgain as (lip & vu & au & Hlip & _ & _ & Hlam0 & _).
  set (d := stream_deviation X K Bl sigma lam P J ctr cf).
  assert (Hd : 0 <= d).
  { apply Rmult_le_pos; [apply Hs|]. apply lsum_nonneg; intros j _. apply Rmult_le_pos; [apply enorm_nonneg|].
    apply Rplus_le_le_0_compat; [apply enorm_nonneg|]. apply lsum_nonneg; intros h Hh. apply in_rng in Hh.
    apply Rmult_le_pos; [now apply Hlam0 | apply enorm_nonneg]. }
  set (c := Rmax (stream_loss Phi P + G * d) (Phi (two_layer X l w v))).
  set (P1 := stream_merge P J ctr cf). set (P2 := stream_rebase P1 J ctr cf).
  set (P3 := stream_eliminate P2 J Bs E). set (P4 := stream_clear P3 J).
  set (P5 := stream_load P4 J (fun j => w (pos j J))).
  set (P6 := stream_readout P5 (fun j a => if mem j J then v (pos j J) a else 0)).
  set (T := make (sW P6) (sV P6) (fun _ _ => 0) (fun _ _ => 0) (fun _ _ _ => 0)).
  assert (HT : placed m l w v (fun k => nth k J O) T).
  { split; [|split; [|split]].
    - intros k Hk i. change (W T (nth k J O) i) with
        (if mem (nth k J O) J then w (pos (nth k J O) J) i else sW P4 (nth k J O) i).
      rewrite at_J by (apply nth_In; lia). now rewrite pos_nth by (auto; lia).
    - intros k Hk i. change (V T (nth k J O) i) with (if mem (nth k J O) J then v (pos (nth k J O) J) i else 0).
      rewrite at_J by (apply nth_In; lia). now rewrite pos_nth by (auto; lia).
    - intros j Hj Hf i. apply (list_free l J j HL) in Hf.
      change (V T j i) with (if mem j J then v (pos j J) i else 0). apply mem_false in Hf. now rewrite Hf.
    - easy. }
  destruct (placed_copy X m no_blocks l w v _ _ (list_injective m l J HJ) HT) as (_ & HfunT & _).
  assert (HnetT : stream X m K Bl (embed T) = two_layer X l w v) by now rewrite (embed_stream X m K Bl).
  exists T. split; [easy|]. split; [easy|].
  (* L3 *)
  assert (H1 : forall t, 0 <= t <= 1 -> stream_loss Phi (lin t P P1) <= stream_loss Phi P + G * d).
  { intros t Ht. unfold stream_loss. eapply Rle_trans; [apply (HL8 _ (stream X m K Bl P))|].
    apply Rplus_le_compat_l, Rmult_le_compat_l; [easy|].
    eapply Rle_trans; [apply (L3_stream X m K Bl sigma lam); auto; lra|]. fold d. nra. }
  (* the later corners compute what P1 computes, on the data *)
  assert (E2 : forall t, 0 <= t <= 1 -> stream X m K Bl (lin t P1 P2) = stream X m K Bl P1).
  { intros t Ht. apply (L4_stream X m K Bl l); [easy | easy|]. intros j Hj i. destruct (Hc j Hj) as [_ Ho].
    unfold P1, stream_merge; stream_entries. apply mem_In in Hj. apply mem_false in Ho. now rewrite Hj, Ho. }
  assert (E2' : stream X m K Bl P2 = stream X m K Bl P1) by (rewrite <- (lin_1 P1 P2); apply E2; lra).
  assert (HV2 : spanned_reader m (outputs X) (sV P2) J Bs E).
  { apply (received_reader (outputs X) (sV P1)); [easy|]. intros j Hj. now apply Hbasis, HJm. }
  assert (HA2 : forall k, (0 < k < K)%nat -> spanned_reader m (branch_in (Bl k)) (sA P2 k) J Bs E).
  { intros k Hk. apply (received_reader (branch_in (Bl k)) (sA P1 k)); [easy|]. intros j Hj. now apply Hbasis; [apply HJm|]. }
  assert (E3 : forall t, fnorm X (fun k i => stream X m K Bl (lin t P2 P3) k i - stream X m K Bl P2 k i) <= 0).
  { intros t. unfold fnorm. rewrite (l2norm_ext _ _ _ (fun _ _ => 0)).
    - rewrite l2norm_zero; [lra | easy].
    - intros k i _ Hi. unfold P3. rewrite (eliminate_stream X m K Bl P2 J Bs E t); auto; [ring|].
      intros n Hn. exists (lip n). exact (Hlip n Hn). }
  assert (HU3 : forall j, In j J -> forall n s, sU P3 n j s = 0).
  { intros j Hj n s. unfold P3, stream_eliminate, sU, stream_make. now apply at_J. }
  assert (HW3 : forall j, In j J -> forall k, stream_feature X P3 k j = 0).
  { intros j Hj k. unfold stream_feature. rewrite relu_neg; [easy|]. right. apply lsum_zero. intros i _.
    change (sW P3 j i) with (if mem j J then 0 else sW P1 j i). rewrite at_J by easy. ring. }
  assert (E4 : forall t, stream X m K Bl (lin t P3 P4) = stream X m K Bl P3).
  { intros t. apply (stream_same P3 (lin t P3 P4) J).
    - intros n. apply functional_extensionality; intros e. apply matrix_ext; intros.
      unfold P4, stream_clear; stream_entries; ring.
    - intros n j s. unfold P4, stream_clear; stream_entries; ring.
    - exact HU3.
    - intros j Hj. apply mem_false in Hj. repeat split; intros; unfold P4, stream_clear; stream_entries; rewrite ?Hj; ring.
    - intros j Hj k. assert (Hz : stream_feature X (lin t P3 P4) k j = stream_feature X P3 k j).
      { unfold stream_feature. f_equal. apply dot_ext. intros; unfold P4, stream_clear; stream_entries; ring. }
      rewrite Hz, (HW3 j Hj). split; intros; ring. }
  assert (HV4 : forall j, In j J -> (forall i, sV P4 j i = 0) /\ (forall n a, sA P4 n j a = 0)).
  { intros j Hj. split; intros; unfold P4, stream_clear, sV, sA, stream_make; now apply at_J. }
  assert (E5 : forall t, stream X m K Bl (lin t P4 P5) = stream X m K Bl P4).
  { intros t. apply (stream_same P4 (lin t P4 P5) J).
    - intros n. apply functional_extensionality; intros e. apply matrix_ext; intros.
      unfold P5, stream_load; stream_entries; ring.
    - intros n j s. unfold P5, stream_load; stream_entries; ring.
    - exact HU3.
    - intros j Hj. apply mem_false in Hj. repeat split; intros; unfold P5, stream_load; stream_entries; rewrite ?Hj; ring.
    - intros j Hj k. destruct (HV4 j Hj) as [H0 H0']. split; intros.
      + replace (sV (lin t P4 P5) j c0) with (sV P4 j c0) by (unfold P5, stream_load; stream_entries; ring).
        rewrite H0. ring.
      + replace (sA (lin t P4 P5) n j a) with (sA P4 n j a) by (unfold P5, stream_load; stream_entries; ring).
        rewrite H0'. ring. }
  assert (HV6 : forall j, ~ In j J -> forall i, sV P6 j i = 0).
  { intros j Hj i. change (sV P6 j i) with (if mem j J then v (pos j J) i else 0). apply mem_false in Hj. now rewrite Hj. }
  assert (E6 : forall t k i, stream X m K Bl (lin t P6 (embed T)) k i = stream X m K Bl (embed T) k i).
  { intros t k i. rewrite !(stream_on_J _ J).
    - apply lsum_ext; intros j _. f_equal.
      + change ((1 - t) * sV P6 j i + t * sV P6 j i = sV P6 j i). ring.
      + unfold stream_feature. f_equal. apply dot_ext. intros n.
        change ((1 - t) * sW P6 j n + t * sW P6 j n = sW P6 j n). ring.
    - exact HV6.
    - easy.
    - intros j Hj n. change (sV (lin t P6 (embed T)) j n) with ((1 - t) * sV P6 j n + t * sV P6 j n).
      rewrite HV6 by easy. ring.
    - intros j Hj n s. change (sU (lin t P6 (embed T)) n j s) with ((1 - t) * sU P3 n j s + t * 0).
      rewrite HU3 by easy. ring. }
  (* levels *)
  assert (B1 : stream_loss Phi P1 <= c).
  { rewrite <- (lin_1 P P1). eapply Rle_trans; [apply H1; lra | apply Rmax_l]. }
  assert (B2 : stream_loss Phi P2 <= c) by (unfold stream_loss in *; now rewrite E2').
  assert (B3 : forall t, stream_loss Phi (lin t P2 P3) <= c).
  { intros t. unfold stream_loss. eapply Rle_trans; [apply (HL8 _ (stream X m K Bl P2))|].
    pose proof (Rmult_le_compat_l _ _ _ HG (E3 t)) as Hmul. unfold stream_loss in B2. lra. }
  assert (B3' : stream_loss Phi P3 <= c) by (rewrite <- (lin_1 P2 P3); apply B3).
  assert (B4 : stream_loss Phi P4 <= c) by (unfold stream_loss in *; now rewrite <- (lin_1 P3 P4), E4).
  assert (B5 : stream_loss Phi P5 <= c) by (unfold stream_loss in *; now rewrite <- (lin_1 P4 P5), E5).
  assert (E6' : forall t, stream X m K Bl (lin t P6 (embed T)) = stream X m K Bl (embed T))
    by (intros; apply matrix_ext; intros; apply E6).
  assert (B6 : forall t, stream_loss Phi (lin t P6 (embed T)) <= c).
  { intros t. unfold stream_loss. rewrite E6', HnetT. apply Rmax_r. }
  apply (joined_step _ P P1).
  { intros t Ht. unfold sublevel. eapply Rle_trans; [now apply H1 | apply Rmax_l]. }
  apply (joined_step _ P1 P2).
  { intros t Ht. unfold sublevel, stream_loss. now rewrite E2. }
  apply (joined_step _ P2 P3); [intros t _; apply B3|].
  apply (joined_step _ P3 P4).
  { intros t _. unfold sublevel, stream_loss. now rewrite E4. }
  apply (joined_step _ P4 P5).
  { intros t _. unfold sublevel, stream_loss. now rewrite E5. }
  apply (joined_step _ P5 P6).
  { intros t Ht. unfold sublevel, stream_loss.
    replace (stream X m K Bl (lin t P5 P6))
      with (fun k i => (1 - t) * stream X m K Bl P5 k i + t * stream X m K Bl P6 k i)
      by (apply matrix_ext; intros; symmetry; apply (L7_stream X m K Bl)).
    eapply Rle_trans; [now apply HL7|]. apply Rmax_lub; [easy|].
    rewrite <- (lin_0 P6 (embed T)). apply (B6 0). }
  apply joined_line. intros t _. apply B6.
Qed.

(** T3, T1 for STREAM: squared error *)
Theorem T3_connect l w v sigma lam P J ctr cf Bs E :
  moment X sigma -> stream_gain X m K Bl P lam -> admissible m l J ctr cf -> outside Bs J ctr -> stream_basis P Bs E ->
  exists T gam, stream X m K Bl (embed T) = two_layer X l w v /\
    path gam /\ gam 0 = P /\ gam 1 = embed T /\ forall t, 0 <= t <= 1 ->
    sqrt (squared X (stream X m K Bl (gam t)))
    <= Rmax (sqrt (squared X (stream X m K Bl P)) + stream_deviation X K Bl sigma lam P J ctr cf)
                                              (sqrt (squared X (two_layer X l w v))).
Proof.
  intros Hs Hgain Ha Hout Hbasis.
  destruct (T3_from_merge (fun f => sqrt (squared X f)) 1 l w v sigma lam P J ctr cf Bs E (tame_squared X)
    Hs Hgain Ha Hout Hbasis) as (T & _ & Hnet & Hjoin).
  rewrite Rmult_1_l in Hjoin. destruct (joined_path _ _ _ Hjoin) as (gam & Hgam).
  exists T, gam. split; [exact Hnet | exact Hgam].
Qed.

(** T3, C1 for STREAM *)
Theorem T3_depth l w v sigma lam P J ctr cf Bs E :
  moment X sigma -> stream_gain X m K Bl P lam -> admissible m l J ctr cf -> outside Bs J ctr -> stream_basis P Bs E ->
  squared X (two_layer X l w v) < squared X (stream X m K Bl P) ->
  let D := stream_deviation X K Bl sigma lam P J ctr cf in
  depth_at_most (fun P => squared X (stream X m K Bl P)) P (2 * sqrt (squared X (stream X m K Bl P)) * D + D^2).
Proof.
  intros Hs Hlam Ha Hout Hb Hbetter D.
  destruct (T3_connect l w v sigma lam P J ctr cf Bs E Hs Hlam Ha Hout Hb) as (T & gam & HT & Hg & g0 & g1 & H).
  apply (root_depth (fun P => squared X (stream X m K Bl P)) P D (squared X (two_layer X l w v)) gam); try easy.
  - intros T'. apply squared_nonneg.
  - now rewrite g1, HT.
Qed.


(** T3, C2 for STREAM: squared error *)
Theorem T3_connected l w v sigma lam lam' P P' J J' ctr ctr' cf cf' Bs Bs' E E' level : (l < m)%nat ->
  moment X sigma -> stream_gain X m K Bl P lam -> stream_gain X m K Bl P' lam' ->
  admissible m l J ctr cf -> admissible m l J' ctr' cf' -> outside Bs J ctr -> outside Bs' J' ctr' ->
  stream_basis P Bs E -> stream_basis P' Bs' E' ->
  squared X (stream X m K Bl P) <= level -> squared X (stream X m K Bl P') <= level ->
  squared X (two_layer X l w v) <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    sqrt (squared X (stream X m K Bl (gam t))) <= sqrt level + Rmax (stream_deviation X K Bl sigma lam P J ctr cf)
                                                           (stream_deviation X K Bl sigma lam' P' J' ctr' cf').
Proof.
  intros Hlm Hs Hgain Hgain' Ha Ha' Hout Hout' Hb Hb' HP HP' Hstar.
  set (Phi := fun f => sqrt (squared X f)).
  set (d := stream_deviation X K Bl sigma lam P J ctr cf). set (d' := stream_deviation X K Bl sigma lam' P' J' ctr' cf').
  pose proof (Rmax_l d d') as Hl. pose proof (Rmax_r d d') as Hr.
  assert (Hd : 0 <= d).
  { pose proof (L3_stream X m K Bl sigma lam P J ctr cf 1 Hs Hgain (proj1 (proj1 Ha))
      (proj2 (proj2 (proj1 Ha))) ltac:(lra)) as H.
    fold d in H.
    pose proof (fnorm_nonneg X (fun k c => stream X m K Bl (lin 1 P (stream_merge P J ctr cf)) k c - stream X m K Bl P k c)). lra. }
  apply sqrt_le_1_alt in HP, HP', Hstar.
  apply (joined_path (sublevel (stream_loss Phi) (sqrt level + Rmax d d'))).
  destruct (T3_from_merge Phi 1 l w v sigma lam P J ctr cf Bs E (tame_squared X) Hs Hgain Ha Hout Hb)
    as (T & HT & _ & Hjoin).
  destruct (T3_from_merge Phi 1 l w v sigma lam' P' J' ctr' cf' Bs' E' (tame_squared X) Hs Hgain' Ha' Hout' Hb')
    as (T' & HT' & _ & Hjoin').
  apply (joined_trans _ _ (embed T)); [|apply (joined_trans _ _ (embed T'))].
  - eapply joined_mono; [|exact Hjoin]. intros S HS. unfold sublevel in *. eapply Rle_trans; [exact HS|].
    rewrite Rmult_1_l. unfold stream_loss, Phi in *. fold d. apply Rmax_lub; lra.
  - eapply joined_mono; [|apply embed_joined; exact (L9_permutation X m no_blocks l w v _ _ _ _ Hlm
      (list_injective m l J (proj1 Ha)) (list_injective m l J' (proj1 Ha')) HT HT')].
    intros S (T0 & -> & _ & Hfun & _). unfold sublevel, stream_loss. rewrite (embed_stream X m K Bl), Hfun. unfold Phi. lra.
  - apply joined_sym. eapply joined_mono; [|exact Hjoin']. intros S HS. unfold sublevel in *.
    eapply Rle_trans; [exact HS|]. rewrite Rmult_1_l. unfold stream_loss, Phi in *. fold d'. apply Rmax_lub; lra.
Qed.
End Stream.
