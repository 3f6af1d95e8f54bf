(** T7S [ours] (blueprint-2, section 3): T7 in RESIDUAL and STREAM. The lightest neuron outside a column basis of the
    readers is emptied, its slot is neither read nor written to then, and T7's step moves V alone. The step itself is
    for any class in which an empty slot can be refilled so.

    Definitions: [refillable], from a network with an empty slot one neuron is loaded and read, all else scaled by
    1 - e; [near], within D in L2(P) as a function; [stream_erased], w_j = 0 on J; [stream_step], the slot j filled.
    Statements: T7S. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths selection.
From Skipscape.networks Require Import networks blocks.
From Skipscape.lemmas Require Import perturb readout losses slots residual stream smooth draw stream_mass.
From Skipscape.theorems Require Import one_slot emptying residual_connectivity stream_connectivity.
Import ListNotations.
Open Scope R_scope.

(** * The step, for any class *)

Section AnyClass.
Context {I : Type}.
Variables (X : data) (net : (I -> R) -> nat -> nat -> R).
Notation loss P := (squared X (net P)).

Definition refillable (P : I -> R) : Prop := forall (e : R) (w v : vector) c, loss P <= c ->
  squared X (fun k b => (1 - e) * net P k b + v b * relu (dot X w (input X k))) <= c ->
  exists E, joined (sublevel (fun P => loss P) c) P E /\
    squared X (net E) = squared X (fun k b => (1 - e) * net P k b + v b * relu (dot X w (input X k))).

Theorem T7_any_class l w v P P' c K d : joined (sublevel (fun P => loss P) c) P P' -> refillable P' ->
  loss P' <= loss P + d^2 -> variance X l w v <= K^2 -> 0 <= K -> 0 <= d ->
  K * d < loss P - sqrt (loss P * squared X (two_layer X l w v)) ->
  depth_at_most (fun P => loss P) P (c - loss P).
Proof.
  intros Hpath Hrefill Hrise HvK HK Hd Hthr.
  pose proof (joined_end _ _ _ Hpath) as HP'c. unfold sublevel in HP'c.
  destruct (Rlt_dec (loss P') (loss P)) as [Hlow|Hhigh].
  { apply (joined_depth (fun P => loss P) P P'); [|easy].
    replace (loss P + (c - loss P)) with c by ring. exact Hpath. }
  apply Rnot_lt_le in Hhigh. set (g := two_layer X l w v) in *.
  pose proof (squared_nonneg X (net P)) as HL. pose proof (squared_nonneg X g) as HG.
  pose proof (squared_nonneg X (net P')) as HL'.
  rewrite sqrt_mult in Hthr by easy. pose proof (sqrt_pos (loss P)) as Hz. pose proof (sqrt_pos (squared X g)) as Hy.
  pose proof (pow2_sqrt _ HL) as Ez. pose proof (pow2_sqrt _ HG) as Ey. pose proof (pow2_sqrt _ HL') as Ex.
  assert (HKd : 0 <= K * d) by (now apply Rmult_le_pos).
  destruct (below_the_level (sqrt (loss P')) (sqrt (squared X g)) (sqrt (loss P)) K d) as (e & He & Hlow); try easy.
  - nra.
  - now apply sqrt_le_1_alt.
  - lra.
  - lra.
  - destruct (draw X l w v (squared X) 2 (fun i => fnorm X (unit_effect X w v i)) 1
      (fun k b => (1 - e) * net P' k b) e (T7L_squared X) Rle_0_1 (proj1 He) (effect_weights X l w v))
      as (i & a & _ & _ & _ & Hdraw).
    fold (effect_mass X l w v) in Hdraw. rewrite Rmult_1_l in Hdraw. fold (variance X l w v) in Hdraw. fold g in Hdraw.
    assert (Hmix : squared X (fun x b => (1 - e) * net P' x b + e * g x b) <= ((1 - e) * sqrt (loss P')
      + e * sqrt (squared X g))^2).
    { rewrite !sqrt_squared, squared_norm. apply pow_incr. split; [apply fnorm_nonneg|].
      replace (fun x b => (1 - e) * net P' x b + e * g x b - target X x b)
        with (fun x b => (1 - e) * (net P' x b - target X x b) + e * (g x b - target X x b)) by (apply matrix_ext;
          intros; ring).
      apply (wnorm_convex _ _ (weight_fst X) e (fun kc => net P' (fst kc) (snd kc) - target X (fst kc) (snd kc))
        (fun kc => g (fst kc) (snd kc) - target X (fst kc) (snd kc)) He). }
    assert (Hvar : e^2 * variance X l w v <= e^2 * K^2) by (apply Rmult_le_compat_l; [apply pow2_ge_0 | exact HvK]).
    set (vi := fun b => a * v i b).
    assert (Eu : (fun k b => (1 - e) * net P' k b + a * unit_effect X w v i k b)
      = fun k b => (1 - e) * net P' k b + vi b * relu (dot X (w i) (input X k)))
      by (apply matrix_ext; intros; unfold vi, unit_effect; ring).
    rewrite Eu in Hdraw.
    assert (Hend : squared X (fun k b => (1 - e) * net P' k b + vi b * relu (dot X (w i) (input X k))) < loss P) by lra.
    destruct (Hrefill e (w i) vi c HP'c) as (E & HE & HnetE).
    { pose proof (joined_start _ _ _ Hpath) as HP. unfold sublevel in HP. lra. }
    apply (joined_depth (fun P => loss P) P E); [|rewrite HnetE; exact Hend].
    replace (loss P + (c - loss P)) with c by ring. now apply (joined_trans _ _ P').
Qed.

(** [close] for any class *)
Definition near (D : R) (P T : I -> R) : Prop := fnorm X (fun k c => net T k c - net P k c) <= D.

(** a way on which the function moves by at most D *)
Lemma near_level P P' D : 0 <= D -> joined (near D P) P P' ->
  joined (sublevel (fun P => loss P) (loss P + rise (loss P) D)) P P' /\ loss P' <= loss P + rise (loss P) D.
Proof.
  intros HD Hpath. assert (Hclose : forall T, near D P T -> loss T <= loss P + rise (loss P) D).
  { intros T HT. unfold near in HT. pose proof (L8_squared X (net P) (fun k c => net T k c - net P k c)) as H8.
    cbv beta in H8.
    replace (fun k c => net P k c + (net T k c - net P k c)) with (net T) in H8 by (apply matrix_ext; intros; ring).
    assert (Hsq : (sqrt (loss T))^2 <= (sqrt (loss P) + D)^2) by (apply pow_incr; split; [apply sqrt_pos | lra]).
    rewrite pow2_sqrt in Hsq by apply squared_nonneg. pose proof (pow2_sqrt (loss P) (squared_nonneg X _)).
    unfold rise. lra. }
  split; [eapply joined_mono; [|exact Hpath]; exact Hclose|]. apply Hclose. now apply joined_end in Hpath.
Qed.
End AnyClass.

(** * The lightest neuron outside a basis *)

Lemma lightest_other m Bs (s : nat -> R) : (length Bs < m)%nat -> (forall j, 0 <= s j) ->
  exists j, (j < m)%nat /\ ~ In j Bs /\ s j <= \sum_(j < m) s j / INR (m - length Bs).
Proof.
  intros Hr Hs. set (L := others m Bs).
  assert (Hlen : (m <= length Bs + length L)%nat).
  { pose proof (NoDup_incl_length (seq_NoDup m 0) (l' := Bs ++ L)) as Hincl.
    rewrite seq_length, app_length in Hincl. apply Hincl. intros i Hi. apply in_rng in Hi.
    apply in_app_iff. destruct (in_dec Nat.eq_dec i Bs); [now left | right; now apply in_others]. }
  destruct (heaviest (fun j => - s j) L) as (j & T & HP & Hmin); [intros E; rewrite E in Hlen; simpl in Hlen; lia|].
  assert (Hj : In j L) by (apply (Permutation_in _ (Permutation_sym HP)); now left).
  apply in_others in Hj as [Hjm HjB]. exists j. split; [easy|]. split; [easy|].
  assert (HS : lsum L s <= \sum_(j < m) s j).
  { assert (HN : NoDup L) by (apply NoDup_filter, seq_NoDup).
    rewrite (lsum_split m L s HN) by (intros i Hi; now apply in_others in Hi).
    assert (0 <= \sum_(i < m) (if mem i L then 0 else s i)); [|lra].
    apply lsum_nonneg; intros i _. destruct (mem i L); [lra | easy]. }
  assert (Hlow : INR (length L) * s j <= lsum L s).
  { apply lsum_ge_const. intros i Hi. specialize (Hmin i Hi). lra. }
  assert (Hp : 0 < INR (m - length Bs)) by (apply lt_0_INR; lia).
  assert (Hle : INR (m - length Bs) <= INR (length L)) by (apply le_INR; lia).
  apply (Rmult_le_reg_r (INR (m - length Bs))); [easy|].
  replace (\sum_(j < m) s j / INR (m - length Bs) * INR (m - length Bs)) with (\sum_(j < m) s j) by (field; lra).
  pose proof (Rmult_le_compat_r (s j) _ _ (Hs j) Hle). lra.
Qed.

(** * STREAM *)

Section Stream.
Variables (X : data) (m K : nat) (Bl : nat -> branch).
Notation net := (stream X m K Bl).
Notation loss P := (squared X (net P)).

Definition stream_erased (P : stream_param) (J : list nat) : stream_param :=
  stream_merge P J (fun _ => O) (fun _ => 0).

(** w_j -> 0, the rows j of every U_k handed over to the basis, V_j and A_(k,j) -> 0 *)
Lemma stream_emptied sigma lam P j Bs E : moment X sigma -> stream_gain X m K Bl P lam -> (j < m)%nat -> ~ In j Bs ->
  stream_basis X m K Bl P Bs E -> exists P', joined (near X net
      (sigma * (enorm (seen X) (sW P j) * stream_out X K Bl lam P j)) P) P P' /\
    (forall n s, sU P' n j s = 0) /\ (forall c, sV P' j c = 0) /\ (forall n a, sA P' n j a = 0).
Proof.
  intros Hs Hgain Hj HjB Hbasis. set (J := [j]). set (D := sigma * (enorm (seen X) (sW P j) * stream_out X K Bl lam P j)).
  pose proof Hgain as (lip & vu & au & Hlip & _ & _ & Hlam0 & _).
  assert (HN : NoDup J) by (repeat constructor; easy).
  assert (HJm : forall i, In i J -> (i < m)%nat) by (intros i [<-|[]]; exact Hj).
  assert (ED : stream_deviation X K Bl sigma lam P J (fun _ => O) (fun _ => 0) = D).
  { unfold stream_deviation, D, J. cbn [lsum]. rewrite Rplus_0_r. do 2 f_equal. apply enorm_ext; intros; ring. }
  assert (HD : 0 <= D).
  { apply Rmult_le_pos; [apply Hs|]. apply Rmult_le_pos; [apply enorm_nonneg|]. unfold stream_out.
    apply Rplus_le_le_0_compat; [apply enorm_nonneg|]. apply lsum_nonneg; intros h Hh. apply in_rng in Hh.
    apply Rmult_le_pos; [now apply Hlam0 | apply enorm_nonneg]. }
  set (P1 := stream_erased P J). set (P3 := stream_eliminate P1 J Bs E). set (P4 := stream_clear P3 J).
  assert (H1 : forall t, 0 <= t <= 1 -> near X net D P (lin t P P1)).
  { intros t Ht. unfold near. eapply Rle_trans; [apply (L3_stream X m K Bl sigma lam); auto; lra|]. rewrite ED. nra. }
  assert (HB : forall b, In b Bs -> ~ In b J) by (intros b Hb [<-|[]]; easy).
  assert (E3 : forall t k c, (c < outputs X)%nat -> net (lin t P1 P3) k c = net P1 k c).
  { intros t. unfold P3. apply (eliminate_stream X m K Bl P1 J Bs E t HN HJm HB).
    - intros i Hi. now apply Hbasis, HJm.
    - intros k Hk i Hi. now apply Hbasis; [apply HJm|].
    - intros n Hn. exists (lip n). exact (Hlip n Hn). }
  assert (HU3 : forall i, In i J -> forall n s, sU P3 n i s = 0).
  { intros i Hi n s. unfold P3, stream_eliminate, sU, stream_make. now apply at_J. }
  assert (HW3 : forall i, In i J -> forall k, stream_feature X P3 k i = 0).
  { intros i Hi k. unfold stream_feature. rewrite relu_neg; [easy|]. right. apply lsum_zero. intros b _.
    change (sW P3 i b) with (if mem i J then 0 * sW P O b else sW P i b). rewrite at_J by easy. ring. }
  assert (E4 : forall t, net (lin t P3 P4) = net P3).
  { intros t. apply (stream_same X m K Bl P3 (lin t P3 P4) J).
    - intros n. apply functional_extensionality; intros e. apply matrix_ext; intros.
      unfold P4, stream_clear; stream_entries; ring.
    - intros n i s. unfold P4, stream_clear; stream_entries; ring.
    - exact HU3.
    - intros i Hi. apply mem_false in Hi. repeat split; intros; unfold P4, stream_clear; stream_entries; rewrite ?Hi; ring.
    - intros i Hi k. assert (Hz : stream_feature X (lin t P3 P4) k i = stream_feature X P3 k i).
      { unfold stream_feature. f_equal. apply dot_ext. intros; unfold P4, stream_clear; stream_entries; ring. }
      rewrite Hz, (HW3 i Hi). split; intros; ring. }
  assert (Hnear : forall T, (forall k c, (k < points X)%nat -> (c < outputs X)%nat -> net T k c = net P1 k c) ->
    near X net D P T).
  { intros T HT. unfold near, fnorm. rewrite (l2norm_ext X _ _ (fun k c => net P1 k c - net P k c)).
    - rewrite <- (lin_1 P P1). apply H1. lra.
    - intros k c Hk Hc. now rewrite HT. }
  assert (H3 : forall k c, (c < outputs X)%nat -> net P3 k c = net P1 k c).
  { intros k c Hc. rewrite <- (lin_1 P1 P3). now apply E3. }
  assert (H0 : mem j J = true) by (apply mem_In; now left).
  exists P4. split; [|split; [|split]].
  - apply (joined_step _ P P1); [exact H1|].
    apply (joined_step _ P1 P3); [intros t _; apply Hnear; intros; now apply E3|].
    apply joined_line. intros t _. apply Hnear. intros k c _ Hc. rewrite E4. now apply H3.
  - intros n s. change (sU P4 n j s) with (sU P3 n j s). apply HU3. now left.
  - intros c. change (sV P4 j c) with (if mem j J then 0 else sV P3 j c). now rewrite H0.
  - intros n a. change (sA P4 n j a) with (if mem j J then 0 else sA P3 n j a). now rewrite H0.
Qed.

(** a slot that is neither written to nor read can be refilled *)
Definition stream_step (P : stream_param) (j : nat) (e : R) (w v : vector) : stream_param :=
  stream_readout (stream_load P [j] (fun _ => w)) (fun i c => if Nat.eqb i j then v c else (1 - e) * sV P i c).

Lemma stream_refillable P j : (j < m)%nat -> (forall n s, sU P n j s = 0) -> (forall c, sV P j c = 0) ->
  (forall n a, sA P n j a = 0) -> refillable X net P.
Proof.
  intros Hj HU HV HA e w v c HP Hend. set (P1 := stream_load P [j] (fun _ => w)). set (E := stream_step P j e w v).
  assert (Hload : forall t, net (lin t P P1) = net P).
  { intros t. apply (stream_same X m K Bl P (lin t P P1) [j]).
    - intros n. apply functional_extensionality; intros d. apply matrix_ext; intros.
      unfold P1, stream_load; stream_entries; ring.
    - intros n i s. unfold P1, stream_load; stream_entries; ring.
    - intros i [<-|[]]. exact HU.
    - intros i Hi. apply mem_false in Hi. repeat split; intros; unfold P1, stream_load; stream_entries; rewrite ?Hi; ring.
    - intros i [<-|[]] k. split; intros.
      + replace (sV (lin t P P1) j c0) with (sV P j c0) by (unfold P1, stream_load; stream_entries; ring).
        rewrite HV. ring.
      + replace (sA (lin t P P1) n j a) with (sA P n j a) by (unfold P1, stream_load; stream_entries; ring).
        rewrite HA. ring. }
  assert (Hload1 : net P1 = net P) by (rewrite <- (lin_1 P P1); apply Hload).
  assert (Hslot : forall n k, state X m Bl P1 n k j = relu (dot X w (input X k))).
  { induction n as [|n IH]; intros k.
    - cbn [state]. unfold stream_feature. f_equal. apply dot_ext. intros i.
      change (sW P1 j i) with (if mem j [j] then w i else sW P j i). now rewrite at_J by now left.
    - rewrite (state_S X m Bl), IH, lsum_zero; [ring|]. intros s _. change (sU P1 n j s) with (sU P n j s).
      rewrite HU. ring. }
  assert (HE : net E = fun k b => (1 - e) * net P k b + v b * relu (dot X w (input X k))).
  { apply matrix_ext; intros k b. rewrite <- Hload1. unfold stream.
    assert (Hst : forall i, state X m Bl E K k i = state X m Bl P1 K k i).
    { generalize K as n. induction n as [|n IH]; intros i; [easy|]. rewrite !(state_S X m Bl), IH. f_equal.
      apply lsum_ext; intros s _. change (sU E n i s) with (sU P1 n i s). f_equal. unfold block_out.
      change (sQ E n) with (sQ P1 n). f_equal. apply functional_extensionality; intros a.
      apply lsum_ext; intros y _. now rewrite IH. }
    rewrite (lsum_ext _ _ (fun i => (1 - e) * (sV P1 i b * state X m Bl P1 K k i)
      + (if Nat.eqb j i then v b * relu (dot X w (input X k)) else 0))).
    - rewrite lsum_plus, lsum_scal, (lsum_delta m j (fun _ => v b * relu (dot X w (input X k))) Hj). easy.
    - intros i _. rewrite Hst. change (sV E i b) with (if Nat.eqb i j then v b else (1 - e) * sV P i b).
      change (sV P1 i b) with (sV P i b). rewrite (Nat.eqb_sym j i). destruct (Nat.eqb_spec i j) as [Hij|Hij].
      + rewrite Hij, Hslot, HV. ring.
      + ring. }
  exists E. split; [|now rewrite HE].
  apply (joined_step _ P P1); [intros t _; unfold sublevel; now rewrite Hload|].
  apply joined_line. intros t Ht. unfold sublevel.
  replace (net (lin t P1 E)) with (fun k i => (1 - t) * net P1 k i + t * net E k i)
    by (apply matrix_ext; intros; symmetry; unfold E, stream_step; apply (L7_stream X m K Bl)).
  eapply Rle_trans; [apply (convex_max_at_ends _ (L7_squared X)); exact Ht|]. apply Rmax_lub; [now rewrite Hload1|].
  now rewrite HE.
Qed.

(** "depth <= delta^2 = 2 sqrt(L) D + D^2, D = sigma S/(m - r)", for any set of r slots whose columns span the readers'.
    Threshold (ii); (i) implies it (T7_first_threshold) *)
Theorem T7S_stream l w v sigma lam P Bs E Kc : moment X sigma -> stream_gain X m K Bl P lam -> (length Bs < m)%nat ->
  stream_basis X m K Bl P Bs E -> variance X l w v <= Kc^2 -> 0 <= Kc ->
  let D := sigma * stream_mass X m K Bl lam P / INR (m - length Bs) in
  Kc * sqrt (rise (loss P) D) < loss P - sqrt (loss P * squared X (two_layer X l w v)) ->
  depth_at_most (fun P => loss P) P (rise (loss P) D).
Proof.
  intros Hs Hgain Hr Hbasis Hv HK D Hthr. pose proof Hgain as (lip & vu & au & _ & _ & _ & Hlam0 & _).
  assert (Hs0 : forall j, 0 <= enorm (seen X) (sW P j) * stream_out X K Bl lam P j).
  { intros j. apply Rmult_le_pos; [apply enorm_nonneg|]. unfold stream_out.
    apply Rplus_le_le_0_compat; [apply enorm_nonneg|]. apply lsum_nonneg; intros h Hh. apply in_rng in Hh.
    apply Rmult_le_pos; [now apply Hlam0 | apply enorm_nonneg]. }
  destruct (lightest_other m Bs _ Hr Hs0) as (j & Hj & HjB & Hle).
  destruct (stream_emptied sigma lam P j Bs E Hs Hgain Hj HjB Hbasis) as (P' & Hpath & HU & HV & HA).
  assert (HD : sigma * (enorm (seen X) (sW P j) * stream_out X K Bl lam P j) <= D).
  { unfold D, stream_mass, Rdiv. rewrite Rmult_assoc. apply Rmult_le_compat_l; [apply Hs | exact Hle]. }
  assert (HD0 : 0 <= D) by (eapply Rle_trans; [|exact HD]; apply Rmult_le_pos; [apply Hs | apply Hs0]).
  assert (Hpath' : joined (near X net D P) P P').
  { eapply joined_mono; [|exact Hpath]. intros T HT. unfold near in *. lra. }
  destruct (near_level X net P P' D HD0 Hpath') as [Hlevel Hend].
  replace (rise (loss P) D) with ((loss P + rise (loss P) D) - loss P) by ring.
  apply (T7_any_class X net l w v P P' (loss P + rise (loss P) D) Kc (sqrt (rise (loss P) D))); try easy.
  - now apply (stream_refillable P' j).
  - rewrite pow2_sqrt; [exact Hend | now apply rise_nonneg].
  - apply sqrt_pos.
Qed.
End Stream.

(** * RESIDUAL *)

Section Residual.
Variables (X : data) (m : nat) (B : branch).
Notation net := (residual X m B).
Notation loss P := (squared X (net P)).

Lemma residual_emptied sigma lam P j Bs E : moment X sigma -> branch_gain X B (as_parallel m P) lam -> (j < m)%nat ->
  ~ In j Bs -> basis m (outputs X) P Bs E -> exists P', joined (near X net (sigma * neuron_mass X B lam P j) P) P P' /\
    (forall s, U P' j s = 0) /\ silent P' [j].
Proof.
  intros Hs Hgain Hj HjB Hbasis. set (J := [j]). set (D := sigma * neuron_mass X B lam P j).
  assert (HJ : slots m 1 J) by now apply one_slot_slots. pose proof HJ as (HN & _ & HJm).
  pose proof (branch_gain_nonneg X B _ lam Hgain) as Hlam0.
  set (P1 := merge P J (fun _ => O) (fun _ => 0)).
  assert (ED : deviation X B sigma lam P J (fun _ => O) (fun _ => 0) = D).
  { unfold deviation, D, J, neuron_mass. cbn [lsum]. rewrite Rplus_0_r. do 2 f_equal. apply enorm_ext; intros; ring. }
  assert (HD : 0 <= D) by (apply Rmult_le_pos; [apply Hs | now apply neuron_mass_nonneg]).
  assert (H1 : forall t, 0 <= t <= 1 -> near X net D P (lin t P P1)).
  { intros t Ht. unfold near. eapply Rle_trans; [apply (L3_residual X m B sigma lam); auto; lra|]. rewrite ED. nra. }
  assert (HB : forall b, In b Bs -> ~ In b J) by (intros b Hb [<-|[]]; easy).
  set (P3 := eliminate P1 J Bs E). set (P4 := clear P3 J).
  assert (E3 : forall t k c, (c < outputs X)%nat -> net (lin t P1 P3) k c = net P1 k c).
  { intros t k c Hc. apply (eliminate_exact X m B 1 P1 J Bs E t k c HJ HB). intros i Hi.
    change (V P1) with (V P). apply Hbasis; [now apply HJm | exact Hc]. }
  assert (HW3 : forall i, In i J -> forall b, W P3 i b = 0).
  { intros i Hi b. change (W P3 i b) with (if mem i J then 0 * W P O b else W P i b). rewrite at_J by easy. ring. }
  assert (HU3 : forall i, In i J -> forall s, U P3 i s = 0).
  { intros i Hi s. unfold P3, eliminate; entries. now apply at_J. }
  assert (E4 : forall t, net (lin t P3 P4) = net P3) by (intros t; now apply clear_exact).
  assert (Hnear : forall T, (forall k c, (k < points X)%nat -> (c < outputs X)%nat -> net T k c = net P1 k c) ->
    near X net D P T).
  { intros T HT. unfold near, fnorm. rewrite (l2norm_ext X _ _ (fun k c => net P1 k c - net P k c)).
    - rewrite <- (lin_1 P P1). apply H1. lra.
    - intros k c Hk Hc. now rewrite HT. }
  assert (H3 : forall k c, (c < outputs X)%nat -> net P3 k c = net P1 k c).
  { intros k c Hc. rewrite <- (lin_1 P1 P3). now apply E3. }
  assert (H0 : mem j J = true) by (apply mem_In; now left).
  exists P4. split; [|split].
  - apply (joined_step _ P P1); [exact H1|].
    apply (joined_step _ P1 P3); [intros t _; apply Hnear; intros; now apply E3|].
    apply joined_line. intros t _. apply Hnear. intros k c _ Hc. rewrite E4. now apply H3.
  - intros s. change (U P4 j s) with (U P3 j s). apply HU3. now left.
  - intros i [<-|[]]. split; intros; unfold P4, clear; entries; now rewrite H0.
Qed.

Lemma residual_refillable P j : (j < m)%nat -> (forall s, U P j s = 0) -> silent P [j] -> refillable X net P.
Proof.
  intros Hj HU H0 e w v c HP Hend. destruct (H0 j (or_introl eq_refl)) as [HV HA].
  set (P1 := load P [j] (fun _ => w)).
  set (E := readout P1 (fun i b => if Nat.eqb i j then v b else (1 - e) * V P i b) (U P1)).
  assert (Hload : forall t, net (lin t P P1) = net P) by (intros t; now apply L9_silent_residual).
  assert (Hload1 : net P1 = net P) by (rewrite <- (lin_1 P P1); apply Hload).
  assert (HE : net E = fun k b => (1 - e) * net P k b + v b * relu (dot X w (input X k))).
  { apply matrix_ext; intros k b. rewrite <- Hload1. unfold residual.
    rewrite (lsum_ext _ _ (fun i => (1 - e) * (V P1 i b * (feature X P1 k i + deep X m B P1 k i))
      + (if Nat.eqb j i then v b * relu (dot X w (input X k)) else 0))).
    - rewrite lsum_plus, lsum_scal, (lsum_delta m j (fun _ => v b * relu (dot X w (input X k))) Hj). easy.
    - intros i _. change (deep X m B E k i) with (deep X m B P1 k i). change (feature X E k i) with (feature X P1 k i).
      change (V E i b) with (if Nat.eqb i j then v b else (1 - e) * V P i b). change (V P1 i b) with (V P i b).
      rewrite (Nat.eqb_sym j i). destruct (Nat.eqb_spec i j) as [Hij|Hij]; [|ring].
      rewrite Hij, HV. replace (deep X m B P1 k j) with 0.
      + replace (feature X P1 k j) with (relu (dot X w (input X k))); [ring|]. unfold feature. f_equal. apply dot_ext.
        intros n. unfold P1, load; entries. simpl. now rewrite Nat.eqb_refl.
      + symmetry. apply lsum_zero. intros s _. change (U P1 j s) with (U P j s). rewrite HU. ring. }
  exists E. split; [|now rewrite HE].
  apply (joined_step _ P P1); [intros t _; unfold sublevel; now rewrite Hload|].
  apply joined_line. intros t Ht. unfold sublevel.
  replace (net (lin t P1 E)) with (fun k i => (1 - t) * net P1 k i + t * net E k i)
    by (apply matrix_ext; intros; symmetry; apply L7_residual).
  eapply Rle_trans; [apply (convex_max_at_ends _ (L7_squared X)); exact Ht|]. apply Rmax_lub; [now rewrite Hload1|].
  now rewrite HE.
Qed.

Theorem T7S_residual l w v sigma lam P Bs E Kc : moment X sigma -> branch_gain X B (as_parallel m P) lam ->
  (length Bs < m)%nat -> basis m (outputs X) P Bs E -> variance X l w v <= Kc^2 -> 0 <= Kc ->
  let D := sigma * mass X m B lam P / INR (m - length Bs) in
  Kc * sqrt (rise (loss P) D) < loss P - sqrt (loss P * squared X (two_layer X l w v)) ->
  depth_at_most (fun P => loss P) P (rise (loss P) D).
Proof.
  intros Hs Hgain Hr Hbasis Hv HK D Hthr. pose proof (branch_gain_nonneg X B _ lam Hgain) as Hlam0.
  assert (Hs0 : forall j, 0 <= neuron_mass X B lam P j) by (intros; now apply neuron_mass_nonneg).
  destruct (lightest_other m Bs _ Hr Hs0) as (j & Hj & HjB & Hle).
  destruct (residual_emptied sigma lam P j Bs E Hs Hgain Hj HjB Hbasis) as (P' & Hpath & HU & H0).
  assert (HD : sigma * neuron_mass X B lam P j <= D).
  { unfold D, mass, Rdiv. rewrite Rmult_assoc. apply Rmult_le_compat_l; [apply Hs | exact Hle]. }
  assert (HD0 : 0 <= D) by (eapply Rle_trans; [|exact HD]; apply Rmult_le_pos; [apply Hs | apply Hs0]).
  assert (Hpath' : joined (near X net D P) P P').
  { eapply joined_mono; [|exact Hpath]. intros T HT. unfold near in *. lra. }
  destruct (near_level X net P P' D HD0 Hpath') as [Hlevel Hend].
  replace (rise (loss P) D) with ((loss P + rise (loss P) D) - loss P) by ring.
  apply (T7_any_class X net l w v P P' (loss P + rise (loss P) D) Kc (sqrt (rise (loss P) D))); try easy.
  - now apply (residual_refillable P' j).
  - rewrite pow2_sqrt; [exact Hend | now apply rise_nonneg].
  - apply sqrt_pos.
Qed.
End Residual.
